package dev.plumbline.engine.score;

import java.util.List;

/**
 * Figures of an answer's tokens, the end token counted.
 *
 * @param logps log-probabilities
 * @param kl {@code KL(reference || policy)} over the vocabulary; empty where it was not asked for
 */
public record TokenScores(List<Double> logps, List<Double> kl) {
    /** Without a KL. */
    public static TokenScores of(List<Double> logps) {
        return new TokenScores(logps, List.of());
    }
}
