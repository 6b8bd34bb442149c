package dev.plumbline.engine.checkpoint.jinja;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Jinja's filters of single values, and transformers' {@code tojson}. */
final class Filters {
    /** A value and the filter's arguments to a value. */
    @FunctionalInterface
    interface Filter {
        Object apply(Object value, Arguments arguments);
    }

    private static final Pattern WORD_START = Pattern.compile("[-\\s({\\[<]+");
    private static final Map<String, Filter> ALL = new HashMap<>();

    static {
        ALL.put("upper", (value, a) -> Printer.text(value).toUpperCase(Locale.ROOT));
        ALL.put("lower", (value, a) -> Printer.text(value).toLowerCase(Locale.ROOT));
        ALL.put("capitalize", (value, a) -> StringMethods.capitalize(Printer.text(value)));
        ALL.put("title", (value, a) -> title(Printer.text(value)));
        ALL.put("trim", (value, a) -> StringMethods.strip(Printer.text(value), a, true, true));
        ALL.put("string", (value, a) -> Printer.text(value));
        ALL.put("safe", (value, a) -> Printer.text(value));
        ALL.put("replace", (value, a) -> StringMethods.replace(Printer.text(value), a));
        ALL.put("indent", (value, a) -> indent(Printer.text(value), a));
        ALL.put("escape", (value, a) -> escape(Printer.text(value)));
        ALL.put("e", (value, a) -> escape(Printer.text(value)));
        ALL.put(
                "format",
                (value, a) -> PrintfFormat.apply(Values.asText(value), new Tuple(a.positional())));
        ALL.put(
                "wordcount",
                (value, a) ->
                        (long)
                                Splitting.atSpace(Printer.text(value), Integer.MAX_VALUE, false)
                                        .size());
        ALL.put("default", Filters::fallback);
        ALL.put("d", Filters::fallback);
        ALL.put("int", Filters::toInteger);
        ALL.put("float", Filters::toFloat);
        ALL.put("abs", (value, a) -> absolute(value));
        ALL.put("round", Filters::round);
        ALL.put("length", (value, a) -> Values.length(value));
        ALL.put("count", (value, a) -> Values.length(value));
        ALL.put("attr", (value, a) -> Attributes.attribute(value, a.text(0, "name")));
        ALL.put("tojson", (value, a) -> PythonJson.write(value, a));
    }

    private Filters() {}

    static Optional<Filter> find(String name) {
        return Optional.ofNullable(ALL.get(name)).or(() -> SequenceFilters.find(name));
    }

    static Object apply(String name, Object value, Arguments arguments) {
        return find(name)
                .orElseThrow(() ->
                        new JinjaException(
                                JinjaException.Kind.UNSUPPORTED,
                                0,
                                "the filter '" + name + "' is not supported"))
                .apply(value, arguments);
    }

    private static Object fallback(Object value, Arguments arguments) {
        boolean replaced =
                value instanceof Undefined
                        || (arguments.truth(1, "boolean", false) && !Values.truth(value));
        return replaced ? arguments.get(0, "default_value").orElse("") : value;
    }

    private static Object toInteger(Object value, Arguments arguments) {
        Object fallback = arguments.get(0, "default").orElse(0L);
        try {
            return switch (value) {
                case Long number -> number;
                case Boolean flag -> flag ? 1L : 0L;
                case Double number -> (long) number.doubleValue();
                case String text -> (long) Double.parseDouble(text.strip().replace("_", ""));
                default -> fallback;
            };
        } catch (NumberFormatException noNumber) {
            return fallback;
        }
    }

    private static Object toFloat(Object value, Arguments arguments) {
        Object fallback = arguments.get(0, "default").orElse(0.0);
        try {
            return switch (value) {
                case Long number -> (double) number;
                case Boolean flag -> flag ? 1.0 : 0.0;
                case Double number -> number;
                case String text -> Double.valueOf(text.strip());
                default -> fallback;
            };
        } catch (NumberFormatException noNumber) {
            return fallback;
        }
    }

    private static Object absolute(Object value) {
        return value instanceof Double number
                ? (Object) Math.abs(number)
                : (Object) Math.abs(Values.asInteger(value));
    }

    private static Object round(Object value, Arguments arguments) {
        int precision = Math.clamp(arguments.integer(0, "precision", 0), -300, 300);
        String method = arguments.optionalText(1, "method").orElse("common");
        if (method.equals("common") && value instanceof Long && precision >= 0) {
            return value;
        }
        double number = Values.asDouble(value);
        double scale = Math.pow(10, precision);
        return switch (method) {
            case "common" ->
                    Double.isFinite(number)
                            ? new BigDecimal(number)
                                    .setScale(precision, RoundingMode.HALF_EVEN)
                                    .doubleValue()
                            : number;
            case "ceil" -> Math.ceil(number * scale) / scale;
            case "floor" -> Math.floor(number * scale) / scale;
            default -> throw JinjaException.failed("the rounding method " + method);
        };
    }

    private static String title(String text) {
        StringBuilder title = new StringBuilder();
        var matcher = WORD_START.matcher(text);
        int from = 0;
        while (matcher.find()) {
            title.append(StringMethods.capitalize(text.substring(from, matcher.start())));
            title.append(matcher.group());
            from = matcher.end();
        }
        return title.append(StringMethods.capitalize(text.substring(from))).toString();
    }

    private static String indent(String text, Arguments arguments) {
        Object width = arguments.get(0, "width").orElse(4L);
        String indentation =
                width instanceof String given
                        ? given
                        : " ".repeat(Math.clamp(Values.asInteger(width), 0, 1000));
        boolean first = arguments.truth(1, "first", false);
        boolean blank = arguments.truth(2, "blank", false);
        String[] lines = text.split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            if (i == 0 ? first : blank || !lines[i].isEmpty()) {
                lines[i] = indentation + lines[i];
            }
        }
        return String.join("\n", List.of(lines));
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&#34;")
                .replace("'", "&#39;");
    }
}
