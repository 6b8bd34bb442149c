package dev.plumbline.plugins.sae;

import dev.plumbline.spi.Expression;
import java.util.Map;

/**
 * What follows the encoder's sums, and so how sparsity is had.
 *
 * @param kept latents that a pair may keep with {@link Kind#TOP_K}; otherwise of no meaning
 */
record Activation(Kind kind, int kept) {
    /** Halvings of the interval that holds the threshold: beyond what single precision tells. */
    private static final int HALVINGS = 40;

    /** Makes 1 of any difference that is above 0, in single precision too. */
    private static final double STEEP = 1e30;

    /** The ways to sparsity. */
    enum Kind {
        /** Sigmoid, held to a mean activation by the Kullback-Leibler divergence of Eq. 11. */
        KL,
        /** Rectifier, held by the sum of activations. */
        L1,
        /** Rectifier of which the largest few are kept (Gao et al. 2024, arXiv 2406.04093). */
        TOP_K
    }

    static Activation of(Map<String, String> metadata) {
        return new Activation(
                Kind.valueOf(metadata.getOrDefault("encoder", Kind.KL.name())),
                Integer.parseInt(metadata.getOrDefault("active", "1")));
    }

    /**
     * @param sums [pairs, latents]
     * @param biases [latents], of any values
     */
    Expression of(Expression sums, Expression biases, int latents) {
        return switch (kind) {
            case KL -> sums.sigmoid();
            case L1 -> sums.relu();
            case TOP_K ->
                    kept < latents
                            ? largest(sums.relu(), ones(biases).reshaped(latents, 1))
                            : sums.relu();
        };
    }

    /** As many ones. */
    private static Expression ones(Expression values) {
        return values.detached().times(0).plus(1);
    }

    /**
     * Halves an interval whose upper end has at most k values above it and whose lower end has
     * more, or is 0: what is above the upper end then is the k largest, of values that differ.
     *
     * @param ones [latents, 1], with which a product is a sum that keeps its axis
     */
    private Expression largest(Expression z, Expression ones) {
        Expression fixed = z.detached();
        Expression high = fixed.matmul(ones).plus(1e-30);
        Expression low = high.times(0);
        for (int i = 0; i < HALVINGS; i++) {
            Expression middle = low.plus(high).times(0.5);
            Expression above = step(fixed.minus(middle).times(STEEP)).matmul(ones);
            Expression rise = step(above.plus(-kept - 0.5).times(2));
            low = low.plus(rise.times(middle.minus(low)));
            high = middle.plus(rise.times(high.minus(middle)));
        }
        return z.times(step(fixed.minus(high).times(STEEP)));
    }

    private static Expression step(Expression steep) {
        return steep.atLeast(0).atMost(1);
    }
}
