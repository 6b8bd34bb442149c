package dev.plumbline.engine.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An image that a row's chosen answer must not fit.
 *
 * @param score the selector's own
 * @param logQ log-probability of one draw of it, NaN where it is not known
 * @param logWeight logarithm of its importance weight, 0 where there was no proposal
 */
public record NegativeImage(
        Path image,
        double score,
        double logQ,
        double logWeight,
        String selector,
        String selectorVersion,
        Details details) {
    /**
     * What people look at, and training does not.
     *
     * @param candidate its number in the pool, -1 where it is in none or not known
     * @param falseNegativeRisk what the guard held against its margins, NaN where it is not known
     * @param latents of the selector's that the image moves, strongest first
     */
    public record Details(
            int candidate, double falseNegativeRisk, List<Latent> latents, List<String> flags) {
        /** Nothing is known. */
        public static final Details NONE = new Details(-1, Double.NaN, List.of(), List.of());

        public Details {
            latents = List.copyOf(latents);
            flags = List.copyOf(flags);
        }
    }

    /** A latent of a selector's. */
    public record Latent(int index, double activation) {}

    /** The same with one more flag. */
    public NegativeImage flagged(String flag) {
        List<String> all = new ArrayList<>(details.flags());
        all.add(flag);
        return new NegativeImage(
                image,
                score,
                logQ,
                logWeight,
                selector,
                selectorVersion,
                new Details(
                        details.candidate(), details.falseNegativeRisk(), details.latents(), all));
    }
}
