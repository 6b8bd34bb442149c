package dev.plumbline.spi;

import java.util.random.RandomGenerator;

/**
 * One row that wants negatives, and what a selector may use to choose them. Embeddings are CLIP's,
 * of Euclidean length 1, as long as {@link Candidates#dimension}; without a CLIP model they throw.
 */
public interface Selection {
    String prompt();

    /** The preferred answer {@code y_p}, which the negatives must not fit. */
    String chosen();

    /** How many to choose. */
    int k();

    /** The only source of chance: the same seed and row give the same choice. */
    RandomGenerator random();

    /**
     * Those that may be chosen. Likely false negatives and near-duplicates of the row's own picture
     * are not among them.
     */
    Candidates candidates();

    /** The row's own picture {@code m_p}. */
    Raster image();

    /** {@code h_v(m_p)}. */
    float[] imageEmbedding();

    /** {@code h_t(x)}. */
    float[] promptEmbedding();

    /** {@code h_t(y_p)}. */
    float[] chosenEmbedding();
}
