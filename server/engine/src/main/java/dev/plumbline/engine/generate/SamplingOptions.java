package dev.plumbline.engine.generate;

import dev.plumbline.engine.error.PlumblineException;
import java.util.List;
import java.util.Map;

/**
 * How the next token is chosen.
 *
 * @param maxNewTokens at least 1
 * @param repetitionPenalty above 1 makes what was said unlikelier (Keskar et al. 2019, arXiv
 *     1909.05858); 1 is off
 * @param stop the answer ends before the first of these texts
 * @param topLogprobs alternatives to report a token, 0 to 20
 */
public record SamplingOptions(
        int maxNewTokens,
        Randomness randomness,
        double repetitionPenalty,
        List<String> stop,
        int topLogprobs) {
    private static final int MOST_LOGPROBS = 20;

    public SamplingOptions {
        stop = List.copyOf(stop);
        require(maxNewTokens >= 1, "max_new_tokens", "at least 1", maxNewTokens);
        require(
                repetitionPenalty > 0 && Double.isFinite(repetitionPenalty),
                "repetition_penalty",
                "a number above 0",
                repetitionPenalty);
        require(!stop.contains(""), "stop", "texts that are not empty", "an empty text");
        require(
                topLogprobs >= 0 && topLogprobs <= MOST_LOGPROBS,
                "top_logprobs",
                "0 to " + MOST_LOGPROBS,
                topLogprobs);
    }

    /**
     * What part chance has.
     *
     * @param temperature 0 takes the likeliest token
     * @param topP least share of probability kept, in (0, 1]; 1 keeps all
     * @param topK number of tokens kept; 0 keeps all
     */
    public record Randomness(double temperature, double topP, int topK, long seed) {
        /** None: the likeliest token. */
        public static final Randomness GREEDY = new Randomness(0, 1, 0, 0);

        public Randomness {
            require(
                    temperature >= 0 && Double.isFinite(temperature),
                    "temperature",
                    "a number of at least 0",
                    temperature);
            require(topP > 0 && topP <= 1, "top_p", "a number above 0 and at most 1", topP);
            require(topK >= 0, "top_k", "at least 0", topK);
        }
    }

    /** The likeliest tokens, at most so many. */
    public static SamplingOptions greedy(int maxNewTokens) {
        return new SamplingOptions(maxNewTokens, Randomness.GREEDY, 1, List.of(), 0);
    }

    private static void require(boolean condition, String field, String range, Object value) {
        if (!condition) {
            throw PlumblineException.invalid(
                    field,
                    "OUT_OF_RANGE",
                    field + " must be " + range + ", not " + value,
                    Map.of("value", String.valueOf(value), "valid", range));
        }
    }
}
