package dev.plumbline.engine.checkpoint.jinja;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Python's {@code str} and {@code repr}. */
final class Printer {
    private static final double SMALLEST_PLAIN = 1e-4;
    private static final double SMALLEST_SCIENTIFIC = 1e16;

    private Printer() {}

    /** What {@code {{ value }}} writes. */
    static String text(Object value) {
        return switch (value) {
            case String text -> text;
            case Undefined undefined -> "";
            default -> represent(value);
        };
    }

    static String represent(Object value) {
        return switch (value) {
            case None none -> "None";
            case Undefined undefined -> "Undefined";
            case Boolean flag -> flag ? "True" : "False";
            case Long number -> number.toString();
            case Double number -> number(number);
            case String text -> quote(text);
            case Tuple tuple -> "(" + elements(tuple) + (tuple.size() == 1 ? ",)" : ")");
            case List<?> list -> "[" + elements(list) + "]";
            case Map<?, ?> map -> "{" + entries(map) + "}";
            default -> "<" + Values.typeName(value) + ">";
        };
    }

    private static String elements(List<?> list) {
        return String.join(", ", list.stream().map(Printer::represent).toList());
    }

    private static String entries(Map<?, ?> map) {
        List<String> entries = new ArrayList<>();
        map.forEach((key, value) -> entries.add(represent(key) + ": " + represent(value)));
        return String.join(", ", entries);
    }

    /** Shortest digits that give the same number back. */
    static String number(double number) {
        if (Double.isNaN(number)) {
            return "nan";
        }
        if (Double.isInfinite(number)) {
            return number > 0 ? "inf" : "-inf";
        }
        double size = Math.abs(number);
        if (size == 0) {
            return Double.toString(number);
        }
        if ((size < SMALLEST_PLAIN || size >= SMALLEST_SCIENTIFIC)) {
            return scientific(number);
        }
        String plain = new BigDecimal(Double.toString(number)).toPlainString();
        return plain.contains(".") ? plain : plain + ".0";
    }

    private static String scientific(double number) {
        BigDecimal decimal = new BigDecimal(Double.toString(number)).stripTrailingZeros();
        int exponent = decimal.precision() - decimal.scale() - 1;
        BigDecimal mantissa = decimal.movePointLeft(exponent).stripTrailingZeros();
        String sign = exponent < 0 ? "-" : "+";
        return mantissa.toPlainString()
                + String.format(Locale.ROOT, "e%s%02d", sign, Math.abs(exponent));
    }

    private static String quote(String text) {
        char quote = text.contains("'") && !text.contains("\"") ? '"' : '\'';
        StringBuilder quoted = new StringBuilder().append(quote);
        text.codePoints()
                .forEach(point -> {
                    switch (point) {
                        case '\n' -> quoted.append("\\n");
                        case '\r' -> quoted.append("\\r");
                        case '\t' -> quoted.append("\\t");
                        case '\\' -> quoted.append("\\\\");
                        default -> {
                            if (point == quote) {
                                quoted.append('\\').append(quote);
                            } else if (Character.isISOControl(point)) {
                                quoted.append(String.format(Locale.ROOT, "\\x%02x", point));
                            } else {
                                quoted.appendCodePoint(point);
                            }
                        }
                    }
                });
        return quoted.append(quote).toString();
    }
}
