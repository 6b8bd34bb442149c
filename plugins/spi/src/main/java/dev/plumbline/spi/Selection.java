package dev.plumbline.spi;

import java.util.random.RandomGenerator;

/** One row that wants negatives, and what a selector may use to choose them. */
public interface Selection {
    String prompt();

    /** The preferred answer, which the negatives must not fit. */
    String chosen();

    /** Number of candidates in the pool. */
    int poolSize();

    /** How many to choose. */
    int k();

    /** The only source of chance: the same seed and row give the same choice. */
    RandomGenerator random();
}
