package dev.plumbline.engine.train;

import java.util.Objects;

/**
 * What one optimizer step saw. Log-probabilities are sums over answer tokens; means are over rows;
 * NaN stands for what the rows or the losses do not have.
 *
 * @param step from 1
 * @param loss before the update
 * @param imageLoss the part of the losses that read negative images, weighted
 * @param textLoss the part of the others, weighted
 * @param gradNorm before clipping
 * @param margins beta (r(chosen) - r(rejected))
 * @param ess effective number of negatives a row, {@code (sum v)^2 / sum v^2} with v the proposal's
 *     importance weights
 * @param weightVariance of v, scaled to a mean of 1 in each row, over the batch
 * @param policyEss the same as {@code ess} for {@code v = exp(a_i + log w_i)}, {@code a_i = beta
 *     (r(m_n^i) - r(m_p))}: with what the policy makes of the negatives
 * @param policyWeightVariance of that v
 */
public record StepMetrics(
        int step,
        double loss,
        double imageLoss,
        double textLoss,
        double gradNorm,
        double learningRate,
        double chosenLogps,
        double rejectedLogps,
        double margins,
        double ess,
        double weightVariance,
        double seconds,
        double policyEss,
        double policyWeightVariance,
        StepDetails details) {
    public StepMetrics {
        details = Objects.requireNonNullElse(details, StepDetails.NONE);
    }
}
