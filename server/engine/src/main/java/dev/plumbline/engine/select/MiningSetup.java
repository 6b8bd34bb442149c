package dev.plumbline.engine.select;

import dev.plumbline.spi.Compute;
import dev.plumbline.spi.NegativeSelector;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * How negatives are chosen.
 *
 * @param k negatives a row
 */
public record MiningSetup(
        Strategy strategy,
        Source source,
        int k,
        Guard guard,
        Folders folders,
        MiningListener listener) {
    /**
     * Who chooses.
     *
     * @param version of the plugin, recorded with every negative
     * @param options as a user gave them
     */
    public record Strategy(NegativeSelector selector, String version, Map<String, String> options) {
        public Strategy {
            options = Map.copyOf(options);
        }
    }

    /**
     * Out of what.
     *
     * @param embedder the CLIP model that embedded the pool, if it is embedded
     * @param compute what plugins compute with
     */
    public record Source(Pool pool, Optional<Embedder> embedder, Compute compute) {}

    /**
     * Where what is made goes.
     *
     * @param pictures those that a selector made
     * @param artefacts what selectors keep
     */
    public record Folders(Path pictures, Path artefacts) {}
}
