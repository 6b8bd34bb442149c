package dev.plumbline.engine.select;

import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.runtime.Cancellation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/**
 * Embeds so many at a time, always, filled up by repetition: matrix products of another number of
 * rows may be rounded otherwise, and a vector must not depend on what it was computed beside. What
 * stands in a batch of the same size, and where, changes nothing. A CLIP model of ViT-B/32's size
 * was seen to make the same of batches of any size; a tiny one did not, with two threads.
 */
record SteadyEmbedder(Embedder embedder) implements Embedder {
    /** Enough to be fast, and few enough for a single picture. */
    static final int BATCH = 4;

    static Embedder of(Embedder embedder) {
        return embedder instanceof SteadyEmbedder ? embedder : new SteadyEmbedder(embedder);
    }

    @Override
    public int dimension() {
        return embedder.dimension();
    }

    @Override
    public String digest() {
        return embedder.digest();
    }

    @Override
    public float[][] images(List<Picture> pictures, Cancellation cancellation) {
        return inBatches(pictures, batch -> embedder.images(batch, cancellation));
    }

    /**
     * One by one: beside a longer text a text is computed with more positions, and rounded
     * otherwise.
     */
    @Override
    public float[][] texts(List<String> texts, Cancellation cancellation) {
        return texts.stream()
                .map(text -> embedder.texts(List.of(text), cancellation)[0])
                .toArray(float[][]::new);
    }

    private static <T> float[][] inBatches(List<T> all, Function<List<T>, float[][]> embed) {
        float[][] vectors = new float[all.size()][];
        for (int from = 0; from < vectors.length; from += BATCH) {
            int count = Math.min(BATCH, vectors.length - from);
            List<T> batch = new ArrayList<>(all.subList(from, from + count));
            batch.addAll(Collections.nCopies(BATCH - count, batch.getLast()));
            System.arraycopy(embed.apply(batch), 0, vectors, from, count);
        }
        return vectors;
    }
}
