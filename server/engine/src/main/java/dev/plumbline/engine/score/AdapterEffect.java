package dev.plumbline.engine.score;

/**
 * How much an adapter changes log-probabilities of answer tokens, in nats.
 *
 * @param rows answers that were looked at
 * @param tokens of all of them
 * @param mean of |Δ log p| over the tokens
 * @param max of the same
 */
public record AdapterEffect(int rows, int tokens, double mean, double max) {
    /** What arithmetic in another order may do to a log-probability. */
    public static final double NOISE = 1e-5;

    /** Whether anything changes that is not the noise of arithmetic. */
    public boolean isAny() {
        return max > NOISE;
    }
}
