package dev.plumbline.engine.score;

import dev.plumbline.engine.model.EncodedAnswer;
import dev.plumbline.engine.tensor.Tensor;
import java.util.List;

/**
 * A prompt, its pictures and an answer, ready to be scored.
 *
 * @param features one a picture, [image tokens, hidden]
 * @param pictures digests of their pixels, by which the reference's log-probabilities are kept;
 *     empty where they are not known, and nothing is kept
 * @param key what its dropout is drawn by; only sequences of one key share a row
 */
public record AnswerSequence(
        EncodedAnswer answer, List<Tensor> features, List<String> pictures, long key) {
    public AnswerSequence {
        features = List.copyOf(features);
        pictures = List.copyOf(pictures);
    }

    public AnswerSequence(EncodedAnswer answer, List<Tensor> features, List<String> pictures) {
        this(answer, features, pictures, 0);
    }

    public AnswerSequence(EncodedAnswer answer, List<Tensor> features) {
        this(answer, features, List.of(), 0);
    }

    /** Whether all of its pictures are known by digest. */
    boolean isIdentified() {
        return pictures.size() == features.size();
    }

    public AnswerSequence withKey(long other) {
        return new AnswerSequence(answer, features, pictures, other);
    }
}
