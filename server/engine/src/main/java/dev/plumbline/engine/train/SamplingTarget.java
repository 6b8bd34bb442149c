package dev.plumbline.engine.train;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * What an estimator estimates, by full enumeration of the pool.
 *
 * @param logSum logarithm of the sum inside the sigmoid's logarithm
 * @param coefficients of {@code grad r(m_i) - grad r(m_p)} in the gradient, one a candidate
 */
@SuppressWarnings("ArrayRecordComponent") // Made once a row and K, read a million times.
record SamplingTarget(double logSum, double sigmoid, double[] coefficients) {
    /** More subsets than these are sampled, as many. */
    private static final int MOST_SUBSETS = 50_000;

    /**
     * The objective of a weighting: the whole pool's Plackett-Luce loss for {@code raw} and {@code
     * printed}; the same with its sum scaled to K negatives, {@code K/N}, for {@code pool}, {@code
     * self_normalized} and {@code clipped}; the mean over all subsets of K candidates for {@code
     * none}.
     */
    static SamplingTarget of(
            SamplingWeighting weighting, double[] a, int k, double beta, RandomGenerator random) {
        return switch (weighting) {
            case RAW, PRINTED -> pool(a, beta);
            case POOL, SELF_NORMALIZED, CLIPPED -> scaled(a, k, beta);
            case NONE -> subsets(a, k, beta, random);
        };
    }

    /** {@code -log sigmoid(-lse a)} over all candidates. */
    static SamplingTarget pool(double[] a, double beta) {
        return shifted(a, 0, beta);
    }

    /** {@code -log sigmoid(-(lse a + log K/N))} over all candidates. */
    static SamplingTarget scaled(double[] a, int k, double beta) {
        return shifted(a, Math.log(k) - Math.log(a.length), beta);
    }

    private static SamplingTarget shifted(double[] a, double shift, double beta) {
        double[] all = Arrays.stream(a).map(value -> value + shift).toArray();
        SamplingEstimate whole =
                SamplingEstimate.plackettLuce(all, IntStream.range(0, all.length).toArray(), beta);
        return new SamplingTarget(whole.logSum(), whole.sigmoid(), whole.coefficients());
    }

    /**
     * The mean of sum, sigmoid and gradient over all subsets of K, each as likely: what training on
     * uniformly drawn negatives without weights minimizes. Exact up to 50,000 subsets; else as many
     * random ones are taken (the sum stays exact).
     */
    static SamplingTarget subsets(double[] a, int k, double beta, RandomGenerator random) {
        Mean mean = new Mean(a, beta);
        if (count(a.length, k) <= MOST_SUBSETS) {
            int[] subset = IntStream.range(0, k).toArray();
            do {
                mean.add(subset);
            } while (advance(subset, a.length));
        } else {
            for (int i = 0; i < MOST_SUBSETS; i++) {
                mean.add(random.ints(0, a.length).distinct().limit(k).toArray());
            }
        }
        double logSum = SamplingEstimate.logSumExp(a) + Math.log(k) - Math.log(a.length);
        return mean.target(logSum);
    }

    /** The next subset in lexicographic order, in place; false after the last. */
    private static boolean advance(int[] subset, int n) {
        int k = subset.length;
        int at = k - 1;
        while (at >= 0 && subset[at] == n - k + at) {
            at--;
        }
        if (at < 0) {
            return false;
        }
        subset[at]++;
        for (int i = at + 1; i < k; i++) {
            subset[i] = subset[i - 1] + 1;
        }
        return true;
    }

    private static double count(int n, int k) {
        double count = 1;
        for (int i = 0; i < k; i++) {
            count *= (double) (n - i) / (i + 1);
        }
        return count;
    }

    private static final class Mean {
        private final double[] a;
        private final double beta;
        private final double[] coefficients;
        private double sigmoid;
        private int count;

        Mean(double[] a, double beta) {
            this.a = a;
            this.beta = beta;
            this.coefficients = new double[a.length];
        }

        void add(int[] subset) {
            double[] some = new double[subset.length];
            for (int i = 0; i < some.length; i++) {
                some[i] = a[subset[i]];
            }
            SamplingEstimate one = SamplingEstimate.plackettLuce(some, subset, beta);
            for (int i = 0; i < some.length; i++) {
                coefficients[subset[i]] += one.coefficients()[i];
            }
            sigmoid += one.sigmoid();
            count++;
        }

        SamplingTarget target(double logSum) {
            return new SamplingTarget(
                    logSum,
                    sigmoid / count,
                    Arrays.stream(coefficients).map(sum -> sum / count).toArray());
        }
    }
}
