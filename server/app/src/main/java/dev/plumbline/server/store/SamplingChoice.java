package dev.plumbline.server.store;

import dev.plumbline.engine.error.PlumblineException;
import java.util.List;

/**
 * What a sampling analysis compares, with defaults filled in.
 *
 * @param candidates at most so many a row, 0 for all
 * @param ks numbers of negatives
 */
public record SamplingChoice(
        List<String> selectors,
        int rows,
        int draws,
        int candidates,
        List<Integer> ks,
        double beta,
        double clip) {
    public static final List<String> SELECTORS = List.of("sae", "random");
    public static final List<Integer> KS = List.of(1, 2, 3, 4, 5, 8);
    public static final int ROWS = 8;
    public static final int DRAWS = 2000;
    public static final double BETA = 0.5;
    public static final double CLIP = 2;

    public SamplingChoice {
        selectors = selectors.stream().distinct().toList();
        ks = List.copyOf(ks);
        SpecChecks.atLeast("rows", rows, 1);
        SpecChecks.atLeast("draws", draws, 2);
        SpecChecks.atLeast("candidates", candidates, 0);
        if (selectors.isEmpty() || ks.isEmpty()) {
            throw PlumblineException.invalid(
                    selectors.isEmpty() ? "selectors" : "k",
                    "FIELD_MISSING",
                    "give at least one selector and one k");
        }
    }

    /** The most negatives that are drawn for a row. */
    public int largestK() {
        return ks.stream().mapToInt(Integer::intValue).max().orElse(1);
    }
}
