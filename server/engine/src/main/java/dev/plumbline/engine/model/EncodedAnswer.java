package dev.plumbline.engine.model;

import java.util.List;

/**
 * A prompt and an answer as one sequence, the end token last.
 *
 * @param sequence the ids of both
 * @param answerStart index of the answer's first token: where the prompt's own ids and the ids of
 *     prompt and answer begin to differ (a tokenizer may merge across the border)
 */
public record EncodedAnswer(EncodedPrompt sequence, int answerStart) {
    /** The answer's ids, the end token counted. */
    public List<Integer> answerIds() {
        return sequence.ids().subList(answerStart, sequence.ids().size());
    }

    /** Tokens of the answer, the end token counted. */
    public int answerLength() {
        return sequence.ids().size() - answerStart;
    }

    public int length() {
        return sequence.ids().size();
    }
}
