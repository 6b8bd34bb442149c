package dev.plumbline.engine.train;

import java.util.List;

/**
 * What an analysis found.
 *
 * @param estimators by selector, mode, K and weighting, means over rows
 * @param correlations one a selector
 * @param rows in their order
 */
public record SamplingReport(
        List<Estimator> estimators, List<Correlation> correlations, List<Row> rows, Timing timing) {
    public SamplingReport {
        estimators = List.copyOf(estimators);
        correlations = List.copyOf(correlations);
        rows = List.copyOf(rows);
    }

    /** One way to sample and to weigh. */
    public record Estimator(
            String selector,
            SamplingMode mode,
            int k,
            SamplingWeighting weighting,
            SamplingFigures figures) {}

    /**
     * Whether a selector's score tells what a candidate does: Spearman's correlation over a row's
     * candidates, mean over rows, NaN where the score is the same for all.
     *
     * @param policyShare with {@code softmax(a)_i}, the candidate's share of the pool's gradient
     * @param gradientNorm with the length of {@code grad r(m_i)}
     * @param policyShareError standard error of the mean
     * @param gradientNormError standard error of the mean
     */
    public record Correlation(
            String selector,
            double policyShare,
            double policyShareError,
            double gradientNorm,
            double gradientNormError) {}

    /**
     * What full enumeration found for one row.
     *
     * @param logSum {@code log sum_i exp(a_i)} over all candidates
     * @param effective perplexity of {@code softmax(a)}: on how many candidates the gradient rests
     * @param gradientNorm length of the pool's gradient
     */
    public record Row(
            int line,
            int candidates,
            double logSum,
            double sigmoid,
            double effective,
            double gradientNorm) {}

    /**
     * Seconds.
     *
     * @param sequence of one candidate: reference forward, policy forward and backward
     * @param picture of one candidate: decoding and vision tower
     * @param row of enumerating a row, all in all
     * @param draw of one draw of K and its estimates, mean
     * @param candidates of a row, mean
     */
    public record Timing(
            double sequence, double picture, double row, double draw, double candidates) {
        /** Of a row's own picture and its K negatives, by the same passes. */
        public double sampled(int k) {
            return (k + 1) * (sequence + picture);
        }
    }
}
