package dev.plumbline.spi;

/**
 * What a loss sees of one preference row: log-probabilities of whole answers, each a sum over the
 * answer's tokens and the end token, and the two answers on the row's own image by token. What is
 * of the policy is differentiated, the rest is not. {@code K} is the row's number of negative
 * images.
 */
public interface PreferenceRow {
    /** {@code log pi_theta(y_chosen | x, m_p)}: a number. */
    Expression chosenLogps();

    /** {@code log pi_ref(y_chosen | x, m_p)}: a number. */
    Expression referenceChosenLogps();

    /** {@code log pi_theta(y_rejected | x, m_p)}: a number. */
    Expression rejectedLogps();

    /** {@code log pi_ref(y_rejected | x, m_p)}: a number. */
    Expression referenceRejectedLogps();

    /** {@code log pi_theta(y_chosen | x, m_n^i)}: a vector of K. */
    Expression negativeLogps();

    /** {@code log pi_ref(y_chosen | x, m_n^i)}: a vector of K. */
    Expression referenceNegativeLogps();

    /**
     * {@code log w_i} of the proposal that drew each negative, 0 where there was none: a vector of
     * K.
     */
    Expression logWeights();

    /**
     * {@code log q_i} of one draw of each negative by the proposal: a vector of K. A loss that
     * reads it is only given rows whose negatives were drawn, not picked.
     */
    Expression logProposals();

    /** {@code log N}, N being the size of the pool that the negatives were drawn from: a number. */
    Expression logPoolSize();

    /** The chosen answer on the row's own image, token by token. */
    AnswerTokens chosenTokens();

    /** The rejected answer on the row's own image, token by token. */
    AnswerTokens rejectedTokens();
}
