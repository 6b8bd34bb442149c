package dev.plumbline.eval.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** An element; every {@code with} gives a new one. */
record Tag(String name, Map<String, String> attributes, List<Markup> children) implements Markup {
    private static final Set<String> VOID =
            Set.of("img", "meta", "br", "path", "line", "circle", "rect", "polyline");

    static Tag of(String name) {
        return new Tag(name, Map.of(), List.of());
    }

    static Tag of(String name, String cssClass) {
        return of(name).set("class", cssClass);
    }

    /** An element that holds only text. */
    static Tag of(String name, String cssClass, String text) {
        return of(name, cssClass).with(Markup.text(text));
    }

    Tag set(String attribute, String value) {
        Map<String, String> more = new LinkedHashMap<>(attributes);
        more.put(attribute, value);
        return new Tag(name, more, children);
    }

    Tag set(String attribute, double value) {
        return set(attribute, Numbers.coordinate(value));
    }

    Tag with(Markup... more) {
        return with(List.of(more));
    }

    Tag with(List<? extends Markup> more) {
        List<Markup> all = new ArrayList<>(children);
        all.addAll(more);
        return new Tag(name, attributes, all);
    }

    @Override
    public void write(StringBuilder out) {
        out.append('<').append(name);
        attributes.forEach((key, value) ->
                out.append(' ').append(key).append("=\"").append(Markup.escape(value)).append('"'));
        if (children.isEmpty() && VOID.contains(name)) {
            out.append("/>");
            return;
        }
        out.append('>');
        children.forEach(child -> child.write(out));
        out.append("</").append(name).append('>');
    }
}
