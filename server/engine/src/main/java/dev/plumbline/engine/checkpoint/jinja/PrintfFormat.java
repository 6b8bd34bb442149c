package dev.plumbline.engine.checkpoint.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Python's {@code format % values}: s, r, d, i, f, x and %%. */
final class PrintfFormat {
    private static final Pattern CONVERSION =
            Pattern.compile("%([-0+ ]*)(\\d{1,4})?(?:\\.(\\d{1,4}))?(.)", Pattern.DOTALL);

    private PrintfFormat() {}

    static String apply(String format, Object values) {
        List<Object> remaining =
                new ArrayList<>(values instanceof Tuple tuple ? tuple : List.of(values));
        Matcher matcher = CONVERSION.matcher(format);
        StringBuilder text = new StringBuilder();
        int from = 0;
        while (matcher.find(from)) {
            text.append(format, from, matcher.start());
            text.append(convert(matcher.toMatchResult(), remaining));
            from = matcher.end();
        }
        if (!remaining.isEmpty() && !(values instanceof Map)) {
            throw JinjaException.failed("not all values of a format were used");
        }
        return text.append(format.substring(from)).toString();
    }

    private static String convert(MatchResult match, List<Object> remaining) {
        char conversion = match.group(4).charAt(0);
        if (conversion == '%') {
            return "%";
        }
        if (remaining.isEmpty()) {
            throw JinjaException.failed("too few values for a format");
        }
        Object value = remaining.removeFirst();
        String flags = match.group(1);
        String width = match.group(2) == null ? "" : match.group(2);
        int precision = match.group(3) == null ? -1 : Integer.parseInt(match.group(3));
        return switch (conversion) {
            case 's' -> text(Printer.text(value), flags, width, precision);
            case 'r' -> text(Printer.represent(value), flags, width, precision);
            case 'd', 'i' -> {
                long number = (long) number(value);
                yield String.format(Locale.ROOT, "%" + sized(flags, width) + "d", number);
            }
            case 'x' ->
                    String.format(
                            Locale.ROOT, "%" + sized(flags, width) + "x", Values.asInteger(value));
            case 'f' -> {
                String places = "." + (precision < 0 ? 6 : precision) + "f";
                yield String.format(Locale.ROOT, "%" + sized(flags, width) + places, number(value));
            }
            default -> throw JinjaException.failed("the conversion %" + conversion);
        };
    }

    private static double number(Object value) {
        if (!Values.isNumber(value)) {
            throw Values.wrongType("a number", value);
        }
        return Values.asDouble(value);
    }

    /** Java refuses the flags that need a width where there is none. */
    private static String sized(String flags, String width) {
        return width.isEmpty() ? flags.replaceAll("[-0]", "") : flags + width;
    }

    private static String text(String text, String flags, String width, int precision) {
        int end = precision < 0 ? text.length() : Math.min(precision, text.length());
        String shown = text.substring(0, end);
        if (width.isEmpty()) {
            return shown;
        }
        return String.format("%" + (flags.contains("-") ? "-" : "") + width + "s", shown);
    }
}
