package dev.plumbline.engine.generate;

import java.util.List;

/**
 * What one decode step adds to an answer.
 *
 * @param text never part of a character; empty while one is incomplete or may begin a stop text
 * @param logprobs one a token, of the model's own distribution
 * @param topLogprobs the likeliest alternatives a token, as many as were asked for
 */
public record Piece(
        String text,
        List<Integer> tokenIds,
        List<Double> logprobs,
        List<List<TokenLogprob>> topLogprobs) {
    public Piece {
        tokenIds = List.copyOf(tokenIds);
        logprobs = List.copyOf(logprobs);
        topLogprobs = List.copyOf(topLogprobs);
    }
}
