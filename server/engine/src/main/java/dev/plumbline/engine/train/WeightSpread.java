package dev.plumbline.engine.train;

import java.util.Arrays;
import java.util.List;

/**
 * How uneven the weights of the negatives are (Kong 1992), each row's scaled to a mean of 1.
 *
 * @param ess effective number of negatives, {@code (sum v)^2 / sum v^2}, the mean over rows; NaN
 *     where a row has no negatives
 * @param variance over all negatives of all rows; NaN without any
 */
record WeightSpread(double ess, double variance) {
    /**
     * @param logWeights of each row's negatives
     */
    static WeightSpread of(List<double[]> logWeights) {
        double ess = 0;
        double squares = 0;
        int count = 0;
        for (double[] row : logWeights) {
            double[] v = weights(row);
            ess += (double) v.length * v.length / Arrays.stream(v).map(x -> x * x).sum();
            squares += Arrays.stream(v).map(x -> (x - 1) * (x - 1)).sum();
            count += v.length;
        }
        return new WeightSpread(ess / logWeights.size(), count == 0 ? Double.NaN : squares / count);
    }

    /** With a mean of 1. */
    private static double[] weights(double[] logWeights) {
        double largest = Arrays.stream(logWeights).max().orElse(0);
        double[] weights = Arrays.stream(logWeights).map(x -> Math.exp(x - largest)).toArray();
        double sum = Arrays.stream(weights).sum();
        return Arrays.stream(weights).map(x -> x * weights.length / sum).toArray();
    }
}
