package dev.plumbline.engine.score;

import dev.plumbline.engine.model.EncodedAnswer;
import dev.plumbline.engine.tensor.Tensor;
import java.util.List;

/**
 * A prompt, its pictures and an answer, ready to be scored.
 *
 * @param features one a picture, [image tokens, hidden]
 * @param key what its dropout is drawn by; only sequences of one key share a row
 */
public record AnswerSequence(EncodedAnswer answer, List<Tensor> features, long key) {
    public AnswerSequence {
        features = List.copyOf(features);
    }

    public AnswerSequence(EncodedAnswer answer, List<Tensor> features) {
        this(answer, features, 0);
    }

    public AnswerSequence withKey(long other) {
        return new AnswerSequence(answer, features, other);
    }
}
