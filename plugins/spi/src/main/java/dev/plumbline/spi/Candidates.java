package dev.plumbline.spi;

import java.util.Map;

/** Pictures of a pool, numbered from 0. */
public interface Candidates {
    /** {@code N}. */
    int size();

    /** Length of an embedding. */
    int dimension();

    /** {@code h_v} of one of them: a copy. */
    float[] embedding(int index);

    /**
     * Runs a program over all of them, some thousand at a time.
     *
     * @param program whose input {@code candidates} [n, dimension] takes their embeddings, and
     *     whose outputs have one row each: [n] or [n, …]
     * @param inputs the program's other inputs
     * @return its outputs, one row a candidate
     */
    Map<String, Array> compute(Compute.Program program, Map<String, Array> inputs);
}
