package dev.plumbline.engine.checkpoint.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Python's {@code json.dumps}, as transformers' {@code tojson} calls it. */
final class PythonJson {
    private final boolean asciiOnly;
    private final Optional<String> indentation;
    private final String itemSeparator;
    private final String keySeparator;
    private final boolean sorted;

    private PythonJson(Arguments arguments) {
        this.asciiOnly = arguments.truth(0, "ensure_ascii", false);
        this.indentation =
                arguments.get(1, "indent").filter(i -> i != None.NONE).map(PythonJson::indentation);
        Optional<List<Object>> separators =
                arguments.get(2, "separators").filter(s -> s != None.NONE).map(Values::iterate);
        this.itemSeparator =
                separators
                        .map(pair -> Values.asText(pair.getFirst()))
                        .orElse(indentation.isPresent() ? "," : ", ");
        this.keySeparator = separators.map(pair -> Values.asText(pair.getLast())).orElse(": ");
        this.sorted = arguments.truth(3, "sort_keys", false);
    }

    static String write(Object value, Arguments arguments) {
        StringBuilder text = new StringBuilder();
        new PythonJson(arguments).write(value, 0, text);
        return text.toString();
    }

    private static String indentation(Object indent) {
        return indent instanceof String text
                ? text
                : " ".repeat(Math.clamp(Values.asInteger(indent), 0, 1000));
    }

    private void write(Object value, int depth, StringBuilder text) {
        switch (value) {
            case None none -> text.append("null");
            case Boolean flag -> text.append(flag);
            case Long number -> text.append(number);
            case Double number -> text.append(number(number));
            case String string -> quote(string, text);
            case List<?> list -> elements(list, depth, text);
            case Map<?, ?> map -> entries(map, depth, text);
            default ->
                    throw JinjaException.failed(
                            "Object of type "
                                    + Values.typeName(value)
                                    + " is not JSON serializable");
        }
    }

    private static String number(double number) {
        if (Double.isNaN(number)) {
            return "NaN";
        }
        return Double.isInfinite(number)
                ? (number > 0 ? "Infinity" : "-Infinity")
                : Printer.number(number);
    }

    private void elements(List<?> list, int depth, StringBuilder text) {
        text.append('[');
        for (int i = 0; i < list.size(); i++) {
            text.append(i == 0 ? "" : itemSeparator);
            newLine(depth + 1, text);
            write(list.get(i), depth + 1, text);
        }
        close(list.isEmpty(), depth, text);
        text.append(']');
    }

    private void entries(Map<?, ?> map, int depth, StringBuilder text) {
        List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
        if (sorted) {
            entries.sort((a, b) -> Values.compare(a.getKey(), b.getKey()));
        }
        text.append('{');
        for (int i = 0; i < entries.size(); i++) {
            text.append(i == 0 ? "" : itemSeparator);
            newLine(depth + 1, text);
            quote(key(entries.get(i).getKey()), text);
            text.append(keySeparator);
            write(entries.get(i).getValue(), depth + 1, text);
        }
        close(map.isEmpty(), depth, text);
        text.append('}');
    }

    private static String key(Object key) {
        return switch (key) {
            case String text -> text;
            case None none -> "null";
            case Boolean flag -> flag.toString();
            case Long number -> number.toString();
            case Double number -> number(number);
            default -> throw JinjaException.failed("keys must be str, int, float, bool or None");
        };
    }

    private void newLine(int depth, StringBuilder text) {
        indentation.ifPresent(step -> text.append('\n').append(step.repeat(depth)));
    }

    private void close(boolean empty, int depth, StringBuilder text) {
        if (!empty) {
            newLine(depth, text);
        }
    }

    private void quote(String string, StringBuilder text) {
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char character = string.charAt(i);
            switch (character) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                case '\b' -> text.append("\\b");
                case '\f' -> text.append("\\f");
                default -> {
                    if (character < ' ' || (asciiOnly && character > '~')) {
                        text.append(String.format(Locale.ROOT, "\\u%04x", (int) character));
                    } else {
                        text.append(character);
                    }
                }
            }
        }
        text.append('"');
    }
}
