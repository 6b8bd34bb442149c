package dev.plumbline.spi;

/**
 * An answer on the row's own image, token by token: vectors of T, its number of tokens with the end
 * token. Two answers of a row have different lengths in general.
 *
 * <p>A loss that reads policy's log-probabilities or the KL by token is trained with recomputing
 * passes only: it gives each token a weight of its own.
 */
public interface AnswerTokens {
    /** {@code log pi_theta(y_t | x, m_p, y_<t)}. */
    Expression logps();

    /** {@code log pi_ref(y_t | x, m_p, y_<t)}. */
    Expression referenceLogps();

    /**
     * {@code KL(pi_ref(. | x, m_p, y_<t) || pi_theta(. | x, m_p, y_<t))} over the vocabulary; its
     * sum is the sequential KL divergence. It is differentiated. The reference must be run with
     * every step for it: what it costs is about two more forward passes.
     */
    Expression kl();

    /**
     * 1 for a token that is not part of the longest common subsequence of the two answers' token
     * ids, else 0.
     */
    Expression changed();
}
