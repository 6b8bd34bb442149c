package dev.plumbline.engine.train;

import dev.plumbline.engine.error.PlumblineException;
import java.util.List;
import java.util.Map;

/**
 * What is compared, and how often.
 *
 * @param ks numbers of negatives
 * @param draws of each estimator for each row
 * @param beta of the loss
 * @param clip largest weight of {@code clipped}
 */
public record SamplingSettings(List<Integer> ks, int draws, double beta, double clip, long seed) {
    /** More candidates are not enumerated. */
    public static final int MOST_CANDIDATES = 512;

    private static final int MOST_K = 64;
    private static final int MOST_DRAWS = 1_000_000;

    public SamplingSettings {
        ks = ks.stream().sorted().distinct().toList();
        if (ks.isEmpty() || ks.getFirst() < 1 || ks.getLast() > MOST_K) {
            throw PlumblineException.invalid(
                    "k", "OUT_OF_RANGE", "k must be numbers from 1 to 64, not " + ks);
        }
        require(draws >= 2 && draws <= MOST_DRAWS, "draws", "2 to 1000000", draws);
        require(beta > 0 && Double.isFinite(beta), "beta", "a number above 0", beta);
        require(clip >= 1 && Double.isFinite(clip), "clip", "a number from 1 on", clip);
    }

    private static void require(boolean fits, String field, String range, Number value) {
        if (!fits) {
            throw PlumblineException.invalid(
                    field, "OUT_OF_RANGE", field + " must be " + range + ", not " + value);
        }
    }

    /**
     * Refuses what is too much to enumerate.
     *
     * @param candidates of one row
     * @throws PlumblineException {@code POOL_TOO_LARGE} with the figures
     */
    public static void requireEnumerable(int candidates, int rows) {
        if (candidates > MOST_CANDIDATES) {
            throw PlumblineException.invalid(
                    "candidates",
                    "POOL_TOO_LARGE",
                    "enumerating %d candidates for %d rows would take %d forward and backward passes; at most %d candidates a row are enumerated: let candidates say how many to sample"
                            .formatted(candidates, rows, (candidates + 1L) * rows, MOST_CANDIDATES),
                    Map.of(
                            "candidates",
                            Integer.toString(candidates),
                            "most",
                            Integer.toString(MOST_CANDIDATES)));
        }
    }
}
