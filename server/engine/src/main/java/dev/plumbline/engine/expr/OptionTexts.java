package dev.plumbline.engine.expr;

import dev.plumbline.spi.OptionSpec;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Options as messages tell them. */
final class OptionTexts {
    private OptionTexts() {}

    /** That an option is none of these. */
    static String noneOf(List<OptionSpec> declared) {
        if (declared.isEmpty()) {
            return "unknown: it takes no options";
        }
        return declared.stream()
                .map(OptionTexts::text)
                .collect(Collectors.joining(", ", "not one of its options: ", ""));
    }

    private static String text(OptionSpec spec) {
        return switch (spec.type()) {
            case CHOICE -> "%s (%s)".formatted(spec.name(), String.join(", ", spec.choices()));
            case TEXT -> spec.name() + " (text)";
            case NUMBER, INTEGER ->
                    "%s (%s%s)"
                            .formatted(
                                    spec.name(),
                                    spec.type().name().toLowerCase(Locale.ROOT),
                                    range(spec));
        };
    }

    /** Begins with a blank, empty where there is no bound. */
    static String range(OptionSpec spec) {
        boolean least = Double.isFinite(spec.minimum());
        boolean most = Double.isFinite(spec.maximum());
        if (least && most) {
            return " from %s to %s".formatted(text(spec.minimum()), text(spec.maximum()));
        }
        if (least) {
            return " at least " + text(spec.minimum());
        }
        return most ? " at most " + text(spec.maximum()) : "";
    }

    private static String text(double bound) {
        boolean whole = bound == Math.rint(bound) && Math.abs(bound) < 1e15;
        return whole ? Long.toString((long) bound) : Double.toString(bound);
    }
}
