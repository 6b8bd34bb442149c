package dev.plumbline.engine.select;

import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.model.ClipModel;
import dev.plumbline.engine.runtime.Cancellation;
import java.util.List;

/** CLIP's vectors of pictures and texts. */
public record ClipEmbedder(ClipModel model) implements Embedder {
    @Override
    public int dimension() {
        return model.dimension();
    }

    @Override
    public String digest() {
        return model.digest();
    }

    @Override
    public float[][] images(List<Picture> pictures, Cancellation cancellation) {
        return model.images(pictures, cancellation);
    }

    @Override
    public float[][] texts(List<String> texts, Cancellation cancellation) {
        return model.texts(texts, cancellation);
    }
}
