package dev.plumbline.eval.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** From values to a share of an axis, with ticks at round numbers. */
record Axis(double low, double high, double step) {
    private static final int TICKS = 5;

    /** An axis that holds all values, its ends at ticks. */
    static Axis over(double[] values) {
        double low = Arrays.stream(values).min().orElse(0);
        double high = Arrays.stream(values).max().orElse(1);
        if (low == high) {
            low -= 0.5;
            high += 0.5;
        }
        double step = round((high - low) / TICKS);
        return new Axis(Math.floor(low / step) * step, Math.ceil(high / step) * step, step);
    }

    /** The next of 1, 2, 5 and their tenfolds. */
    private static double round(double raw) {
        double power = Math.pow(10, Math.floor(Math.log10(raw)));
        double digits = raw / power;
        double round = digits <= 1 ? 1 : digits <= 2 ? 2 : digits <= 5 ? 5 : 10;
        return round * power;
    }

    double share(double value) {
        return (value - low) / (high - low);
    }

    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        long count = Math.round((high - low) / step);
        for (long i = 0; i <= count; i++) {
            ticks.add(low + i * step);
        }
        return ticks;
    }

    /** With as many decimals as the step needs. */
    String label(double tick) {
        int decimals = Math.max(0, (int) -Math.floor(Math.log10(step) + 1e-9));
        if (decimals > 4) {
            return Numbers.significant(tick);
        }
        BigDecimal rounded = new BigDecimal(tick).setScale(decimals, RoundingMode.HALF_EVEN);
        return rounded.signum() == 0 ? "0" : rounded.toPlainString();
    }
}
