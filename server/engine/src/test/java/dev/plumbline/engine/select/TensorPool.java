package dev.plumbline.engine.select;

import dev.plumbline.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.Optional;

/** A pool of which only the embeddings are there. */
public record TensorPool(Tensor vectors) implements Pool {
    @Override
    public int size() {
        return Math.toIntExact(vectors.shape().get(0));
    }

    @Override
    public String digest() {
        return "tensor";
    }

    @Override
    public String id(int index) {
        return index + ".png";
    }

    @Override
    public Path file(int index) {
        return Path.of(id(index));
    }

    @Override
    public Optional<String> contentDigest(int index) {
        return Optional.empty();
    }

    @Override
    public Optional<Tensor> embeddings() {
        return Optional.of(vectors);
    }
}
