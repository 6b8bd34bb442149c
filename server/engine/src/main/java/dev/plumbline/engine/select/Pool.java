package dev.plumbline.engine.select;

import dev.plumbline.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.Optional;

/** Candidate pictures in a fixed order, numbered from 0. */
public interface Pool {
    int size();

    /**
     * SHA-256, in hexadecimal, of what decides a choice: the pictures in order, and the CLIP model.
     * Empty where the pictures are not embedded.
     */
    String digest();

    /** What a person would call the picture, such as its path within the pool. */
    String id(int index);

    Path file(int index);

    /** SHA-256 of the encoded picture, in hexadecimal, where it is known without reading it. */
    Optional<String> contentDigest(int index);

    /**
     * CLIP's {@code h_v} of all pictures, [size, dimension] of type F32, where they are embedded.
     */
    Optional<Tensor> embeddings();
}
