package dev.plumbline.engine.expr;

/**
 * What a loss is given of one row: sums of log-probabilities over answer tokens, by policy and
 * reference. What the loss does not read may be anything.
 *
 * @param policy of the policy
 * @param reference of the model without an adapter
 */
public record RowLogps(Answers policy, Answers reference, Proposal proposal) {
    /**
     * Log-probabilities under one model.
     *
     * @param chosen of the chosen answer on the row's own image
     * @param rejected of the rejected answer on the row's own image
     * @param negatives of the chosen answer on each negative image
     */
    @SuppressWarnings("ArrayRecordComponent") // Read once, compared by nobody.
    public record Answers(double chosen, double rejected, double[] negatives) {}

    /**
     * How the negatives were drawn.
     *
     * @param logWeights {@code log w} of each negative, 0 where there was no proposal
     * @param logProposals {@code log q} of one draw of each negative, NaN where it is not known
     * @param logPoolSize {@code log N}
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Proposal(double[] logWeights, double[] logProposals, double logPoolSize) {}
}
