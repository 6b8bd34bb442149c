package dev.plumbline.engine.train;

import dev.plumbline.engine.error.PlumblineException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How large what is added to a layer is, and how it is scaled.
 *
 * @param rankStabilized scale by alpha / √rank instead of alpha / rank (arXiv 2312.03732)
 * @param rankPattern ranks of layers that differ, by an expression that matches the end of their
 *     names, from a dot on; the first that matches holds, as in peft
 * @param alphaPattern alphas of layers that differ, likewise
 */
public record LoraShape(
        int rank,
        double alpha,
        boolean rankStabilized,
        Map<String, Integer> rankPattern,
        Map<String, Double> alphaPattern) {
    private static final int LARGEST_RANK = 4096;

    public LoraShape {
        rankPattern = Collections.unmodifiableMap(new LinkedHashMap<>(rankPattern));
        alphaPattern = Collections.unmodifiableMap(new LinkedHashMap<>(alphaPattern));
        requireRank("rank", rank);
        requireAlpha("alpha", alpha);
        rankPattern.values().forEach(value -> requireRank("rank_pattern", value));
        alphaPattern.values().forEach(value -> requireAlpha("alpha_pattern", value));
    }

    /** The same for all layers, scaled by alpha / rank. */
    public static LoraShape of(int rank, double alpha) {
        return new LoraShape(rank, alpha, false, Map.of(), Map.of());
    }

    private static void requireRank(String field, int rank) {
        if (rank < 1 || rank > LARGEST_RANK) {
            throw PlumblineException.invalid(
                    field, "OUT_OF_RANGE", field + " must be 1 to 4096, not " + rank);
        }
    }

    private static void requireAlpha(String field, double alpha) {
        if (!(alpha > 0) || !Double.isFinite(alpha)) {
            throw PlumblineException.invalid(
                    field, "OUT_OF_RANGE", field + " must be a number above 0, not " + alpha);
        }
    }
}
