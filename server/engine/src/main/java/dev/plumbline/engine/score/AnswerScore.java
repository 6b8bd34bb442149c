package dev.plumbline.engine.score;

import java.util.List;

/** Log-probabilities of an answer's tokens, the end token included. */
public record AnswerScore(List<Integer> tokenIds, List<Double> tokenLogprobs) {
    public AnswerScore {
        tokenIds = List.copyOf(tokenIds);
        tokenLogprobs = List.copyOf(tokenLogprobs);
    }

    /** log p of the whole answer. */
    public double sum() {
        return tokenLogprobs.stream().mapToDouble(Double::doubleValue).sum();
    }
}
