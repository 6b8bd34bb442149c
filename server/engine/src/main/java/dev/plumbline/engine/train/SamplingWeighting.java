package dev.plumbline.engine.train;

import java.util.Locale;

/**
 * How a proposal's importance weights enter the Plackett-Luce loss: shifts of {@code a}, with
 * {@code w} the logarithms of the weights, {@code K} drawn out of {@code N}. None makes the loss or
 * its gradient unbiased; at best the sum inside the logarithm is.
 */
public enum SamplingWeighting {
    /** {@code a}. Targets the mean over all subsets of K candidates. */
    NONE,
    /** {@code a + w - lse w + log K}. Targets the pool's sum times {@code K/N}. */
    SELF_NORMALIZED,
    /** The same with each weight held to at most {@code clip}. */
    CLIPPED,
    /** {@code a + w - log(N/K)}. Its sum is unbiased for the pool's times {@code K/N}. */
    POOL,
    /** {@code a + w}. Its sum is unbiased for the pool's. */
    RAW,
    /**
     * Equation 8 as it stands: coefficients {@code beta sigmoid(lse a) exp(a_i) / q_i}, which are
     * not normalized, outside a sigmoid that is not weighted. Of the pool; its sum is that of
     * {@code exp(a_i) / q_i}.
     */
    PRINTED;

    /**
     * What the estimators depend on beside the draw.
     *
     * @param n size of the pool
     * @param clip largest weight of {@link #CLIPPED}
     */
    record Setting(int n, double beta, double clip) {}

    /** As the loss's option names it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it means anything without a proposal. */
    boolean needsProposal() {
        return this != NONE;
    }

    /**
     * @param a of the whole pool
     */
    SamplingEstimate estimate(double[] a, SamplingDraw draw, Setting setting) {
        double[] drawn = draw.of(a);
        if (this == PRINTED) {
            return printed(drawn, draw, setting.beta());
        }
        double[] weights = draw.logWeights();
        double scale =
                switch (this) {
                    case SELF_NORMALIZED, CLIPPED ->
                            Math.log(draw.k()) - SamplingEstimate.logSumExp(weights);
                    case POOL -> Math.log(draw.k()) - Math.log(setting.n());
                    case NONE, RAW, PRINTED -> 0;
                };
        double most = this == CLIPPED ? Math.log(setting.clip()) : Double.POSITIVE_INFINITY;
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] += this == NONE ? 0 : Math.min(most, weights[i] + scale);
        }
        return SamplingEstimate.plackettLuce(drawn, draw.candidates(), setting.beta());
    }

    private static SamplingEstimate printed(double[] drawn, SamplingDraw draw, double beta) {
        double sigmoid = SamplingEstimate.sigmoid(SamplingEstimate.logSumExp(drawn));
        double[] ratios = drawn.clone();
        double[] coefficients = new double[drawn.length];
        for (int i = 0; i < drawn.length; i++) {
            ratios[i] -= draw.logQ()[i];
            coefficients[i] = beta * sigmoid * Math.exp(ratios[i]);
        }
        return new SamplingEstimate(
                SamplingEstimate.logSumExp(ratios), sigmoid, draw.candidates(), coefficients);
    }
}
