package dev.plumbline.engine.score;

import java.util.List;

/**
 * The ids that go into the model for a prompt and an answer.
 *
 * @param prompt rendered, before image tokens are repeated
 */
public record Tokenization(String prompt, List<Integer> inputIds, int answerStart) {
    public Tokenization {
        inputIds = List.copyOf(inputIds);
    }
}
