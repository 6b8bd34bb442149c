package dev.plumbline.engine.expr;

/**
 * What a loss is given of one row: sums of log-probabilities over answer tokens, by policy and
 * reference. What the loss does not read may be anything.
 *
 * @param policy of the policy
 * @param reference of the model without an adapter
 * @param logWeights one a negative
 */
@SuppressWarnings("ArrayRecordComponent") // Read once, compared by nobody.
public record RowLogps(Answers policy, Answers reference, double[] logWeights, double logPoolSize) {
    /**
     * Log-probabilities under one model.
     *
     * @param chosen of the chosen answer on the row's own image
     * @param rejected of the rejected answer on the row's own image
     * @param negatives of the chosen answer on each negative image
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Answers(double chosen, double rejected, double[] negatives) {}
}
