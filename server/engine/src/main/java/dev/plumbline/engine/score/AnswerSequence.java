package dev.plumbline.engine.score;

import dev.plumbline.engine.model.EncodedAnswer;
import dev.plumbline.engine.tensor.Tensor;
import java.util.List;

/**
 * A prompt, its pictures and an answer, ready to be scored.
 *
 * @param features one a picture, [image tokens, hidden]
 */
public record AnswerSequence(EncodedAnswer answer, List<Tensor> features) {
    public AnswerSequence {
        features = List.copyOf(features);
    }
}
