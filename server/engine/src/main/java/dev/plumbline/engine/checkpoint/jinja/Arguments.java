package dev.plumbline.engine.checkpoint.jinja;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a function, filter or test is called with. */
record Arguments(List<Object> positional, Map<String, Object> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());

    static Arguments of(Object... positional) {
        return new Arguments(List.of(positional), Map.of());
    }

    /** The argument at a position, or of a name. */
    Optional<Object> get(int position, String name) {
        if (position < positional.size()) {
            return Optional.of(positional.get(position));
        }
        return Optional.ofNullable(named.get(name));
    }

    Object required(int position, String name) {
        return get(position, name)
                .orElseThrow(() -> JinjaException.failed("the argument '" + name + "' is missing"));
    }

    String text(int position, String name) {
        return Values.asText(required(position, name));
    }

    Optional<String> optionalText(int position, String name) {
        return get(position, name).filter(value -> value != None.NONE).map(Values::asText);
    }

    long integer(int position, String name, long fallback) {
        return get(position, name).map(Values::asInteger).orElse(fallback);
    }

    boolean truth(int position, String name, boolean fallback) {
        return get(position, name).map(Values::truth).orElse(fallback);
    }

    Arguments withoutFirst(int count) {
        int from = Math.min(count, positional.size());
        return new Arguments(positional.subList(from, positional.size()), named);
    }
}
