package dev.plumbline.eval.report;

import dev.plumbline.eval.benchmarks.Figure;
import dev.plumbline.eval.benchmarks.Metric.Unit;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers as people read them: fractions in percent, one decimal; a missing one is a dash. */
final class Numbers {
    private static final String NONE = "–";

    private Numbers() {}

    static String figure(Figure figure, Unit unit) {
        return figure instanceof Figure.Measured(double value)
                ? rounded(scaled(value, unit))
                : NONE;
    }

    /** With its sign, also for 0. */
    static String signed(Figure figure, Unit unit) {
        return figure instanceof Figure.Measured(double value) ? signed(value, unit) : NONE;
    }

    static String signed(double value, Unit unit) {
        String rounded = rounded(scaled(value, unit));
        return rounded.startsWith("-") ? rounded : "+" + rounded;
    }

    static String plain(double value, Unit unit) {
        return rounded(scaled(value, unit));
    }

    /** Three significant digits, for scores and axes. */
    static String significant(double value) {
        if (!Double.isFinite(value)) {
            return NONE;
        }
        double size = Math.abs(value);
        if (size != 0 && (size < 0.001 || size >= 1_000_000)) {
            return String.format(Locale.ROOT, "%.1e", value);
        }
        BigDecimal exact = new BigDecimal(value);
        int digits = size == 0 ? 0 : Math.max(0, 2 - (int) Math.floor(Math.log10(size)));
        return exact.setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
    }

    /** A position in a picture, in hundredths. */
    static String coordinate(double value) {
        return new BigDecimal(value)
                .setScale(2, RoundingMode.HALF_EVEN)
                .stripTrailingZeros()
                .toPlainString();
    }

    static double scaled(double value, Unit unit) {
        return unit == Unit.FRACTION ? 100 * value : value;
    }

    /** Of the exact binary value, ties to even, and never "-0.0". */
    private static String rounded(double value) {
        BigDecimal rounded = new BigDecimal(value).setScale(1, RoundingMode.HALF_EVEN);
        return (rounded.signum() == 0 ? BigDecimal.ZERO.setScale(1) : rounded).toPlainString();
    }
}
