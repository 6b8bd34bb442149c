package dev.plumbline.spi;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A chosen candidate, or a picture that the selector made.
 *
 * @param index its place among the candidates, from 0; -1 where the selector made the picture
 * @param score the selector's own, the higher the more wanted
 * @param logQ natural logarithm of its probability in one draw of the proposal, NaN where there is
 *     none
 * @param logWeight natural logarithm of its importance weight, 0 where there is none
 * @param latents what a reader may want to know of why, strongest first; may be empty
 * @param picture null unless the selector made it
 */
public record Negative(
        int index,
        double score,
        double logQ,
        double logWeight,
        List<Latent> latents,
        @Nullable Raster picture) {
    /** A latent of the selector's that the candidate moves. */
    public record Latent(int index, double activation) {}

    public Negative {
        latents = List.copyOf(latents);
    }

    /** A candidate that was chosen without a proposal. */
    public static Negative of(int index, double score) {
        return of(index, score, Double.NaN, 0);
    }

    /** A candidate that was drawn. */
    public static Negative of(int index, double score, double logQ, double logWeight) {
        return new Negative(index, score, logQ, logWeight, List.of(), null);
    }

    /** A picture that is in no pool. */
    public static Negative made(Raster picture, double score) {
        return new Negative(-1, score, Double.NaN, 0, List.of(), picture);
    }

    /** The same with its latents. */
    public Negative with(List<Latent> strongest) {
        return new Negative(index, score, logQ, logWeight, strongest, picture);
    }
}
