package dev.plumbline.server.store;

import dev.plumbline.engine.error.PlumblineException;
import java.util.List;
import java.util.Map;

/** Checks of a run's settings; a refusal names the field of the request. */
final class SpecChecks {
    private SpecChecks() {}

    static void atLeast(String field, int value, int minimum) {
        if (value < minimum) {
            throw outOfRange(field, Integer.toString(value), "must be at least " + minimum);
        }
    }

    static void positive(String field, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw outOfRange(field, Double.toString(value), "must be a positive number");
        }
    }

    static void between(String field, double value, double minimum, double maximum) {
        if (!(value >= minimum && value <= maximum)) {
            String range = "must lie between %s and %s".formatted(minimum, maximum);
            throw outOfRange(field, Double.toString(value), range);
        }
    }

    static void notNegative(String field, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw outOfRange(field, Double.toString(value), "must be a number of at least 0");
        }
    }

    static void oneOf(String field, String value, List<String> choices) {
        if (!choices.contains(value)) {
            String rule = "must be one of " + String.join(", ", choices);
            throw outOfRange(field, '"' + value + '"', rule);
        }
    }

    static void present(String field, String value) {
        if (value.isBlank()) {
            throw PlumblineException.invalid(field, "FIELD_MISSING", field + " must be given");
        }
    }

    static void absent(String field, List<String> values, String other) {
        if (!values.isEmpty()) {
            throw PlumblineException.invalid(
                    field,
                    "FIELDS_CONFLICT",
                    "%s is given beside %s: leave one of them out".formatted(field, other));
        }
    }

    private static PlumblineException outOfRange(String field, String value, String rule) {
        String message = "%s %s, not %s".formatted(field, rule, value);
        Map<String, String> variables = Map.of("value", value, "rule", rule);
        return PlumblineException.invalid(field, "FIELD_OUT_OF_RANGE", message, variables);
    }
}
