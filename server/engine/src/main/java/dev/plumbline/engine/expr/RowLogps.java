package dev.plumbline.engine.expr;

/**
 * What a loss is given of one row: sums of log-probabilities over answer tokens, by policy and
 * reference, and the tokens of the two answers on the row's own image. What the loss does not read
 * may be anything.
 *
 * @param policy of the policy
 * @param reference of the model without an adapter
 */
public record RowLogps(
        Answers policy,
        Answers reference,
        Proposal proposal,
        Tokens chosenTokens,
        Tokens rejectedTokens) {
    /** A row whose tokens no loss reads. */
    public RowLogps(Answers policy, Answers reference, Proposal proposal) {
        this(policy, reference, proposal, Tokens.NONE, Tokens.NONE);
    }

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

    /**
     * One number a token of an answer, the end token counted.
     *
     * @param policy log-probabilities under the policy
     * @param reference the same under the reference
     * @param kl {@code KL(pi_ref || pi_theta)} over the vocabulary
     * @param changed 1 for a token that the other answer does not have, else 0
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Tokens(double[] policy, double[] reference, double[] kl, double[] changed) {
        /** Of an answer whose tokens no loss reads. */
        public static final Tokens NONE =
                new Tokens(new double[0], new double[0], new double[0], new double[0]);
    }
}
