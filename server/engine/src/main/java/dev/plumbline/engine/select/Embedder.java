package dev.plumbline.engine.select;

import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.runtime.Cancellation;
import java.util.List;

/** Pictures and texts as vectors of one space. */
public interface Embedder {
    int dimension();

    /** SHA-256 of what decides the vectors, in hexadecimal. */
    String digest();

    /** One row a picture, each of Euclidean length 1. */
    float[][] images(List<Picture> pictures, Cancellation cancellation);

    /** One row a text, each of Euclidean length 1; a text that is too long is cut. */
    float[][] texts(List<String> texts, Cancellation cancellation);
}
