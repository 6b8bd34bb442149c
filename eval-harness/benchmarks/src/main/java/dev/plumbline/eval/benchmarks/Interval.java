package dev.plumbline.eval.benchmarks;

import java.util.Arrays;

/** The 2.5th and the 97.5th percentile of a bootstrap. */
public record Interval(double low, double high) {
    /** Whether a difference of 0 lies outside. */
    public boolean excludesZero() {
        return low > 0 || high < 0;
    }

    /**
     * The 95 % interval of samples, percentiles interpolated linearly between the order statistics
     * as numpy does by default.
     */
    static Interval of(double[] samples) {
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        return new Interval(percentile(sorted, 0.025), percentile(sorted, 0.975));
    }

    private static double percentile(double[] sorted, double quantile) {
        double position = quantile * (sorted.length - 1);
        int below = (int) Math.floor(position);
        int above = Math.min(below + 1, sorted.length - 1);
        double step = sorted[above] - sorted[below];
        double share = position - below;
        // From the nearer end, so that the result is exact at both.
        return share < 0.5 ? sorted[below] + step * share : sorted[above] - step * (1 - share);
    }
}
