package dev.plumbline.spi;

import java.util.Optional;
import java.util.random.RandomGenerator;

/** What a selector may use to make ready for one data set. */
public interface Workshop {
    /** The whole pool. */
    Candidates pool();

    /** Number of rows of the data set. */
    int rows();

    /** {@code h_v(m_p)} of a row. */
    float[] imageEmbedding(int row);

    /** {@code h_t(x)} of a row. */
    float[] promptEmbedding(int row);

    /** The only source of chance: the same seed gives the same numbers. */
    RandomGenerator random();

    Compute compute();

    /** SHA-256, in hexadecimal, of the CLIP model, the pool and the rows. */
    String digest();

    /**
     * What this selector saved earlier.
     *
     * @param key as it was saved under, such as {@link #digest} with the options that matter
     */
    Optional<Artefact> load(String name, String key);

    /** The newest that this selector saved under this name for the same CLIP model and pool. */
    Optional<Artefact> latest(String name);

    /**
     * Keeps what was fitted, as a safetensors file. Where it lies is told with the mined rows.
     *
     * @param name of the file, without its ending
     */
    void save(String name, String key, Artefact artefact);

    /**
     * Says how far the work is, at least every few seconds; a plugin that says nothing for long is
     * given up.
     *
     * @throws RuntimeException where nobody wants the result any more; it must not be caught
     */
    void progress(String phase, long done, long total);

    /** A figure for the reader of the mining's report. */
    void report(String name, double value);

    /**
     * A candidate of the whole pool that shows what something of the selector's stands for.
     *
     * @param what such as {@code latent 7}
     * @param value by how much, the higher the better an example
     */
    void exhibit(String what, int candidate, double value);
}
