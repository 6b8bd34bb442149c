package dev.plumbline.server.store;

import dev.plumbline.engine.error.PlumblineException;
import java.util.Map;
import java.util.TreeMap;

/**
 * How negatives are chosen, checked, with defaults filled in.
 *
 * @param pool resource name, or folder
 * @param clip that embeds a folder, or of the pool; none for the pool's own
 * @param options as a user gave them
 */
public record SelectionChoice(
        String pool,
        ModelChoice clip,
        String selector,
        Map<String, String> options,
        int k,
        long seed,
        Margins margins) {
    public static final int DEFAULT_K = 3;

    public SelectionChoice {
        options = new TreeMap<>(options);
        SpecChecks.present("selection.pool", pool);
        SpecChecks.present("selection.selector", selector);
        SpecChecks.atLeast("selection.k", k, 1);
    }

    /**
     * Of the guard against false negatives.
     *
     * @param falseNegative from this share of the own picture's similarity to the chosen answer on
     *     a candidate is no negative
     * @param duplicate nor from this similarity to the own picture on
     */
    public record Margins(double falseNegative, double duplicate) {
        public static final double DEFAULT = 0.95;

        public Margins {
            check("selection.false_negative_margin", falseNegative);
            check("selection.duplicate_margin", duplicate);
        }

        private static void check(String field, double margin) {
            if (!(margin > 0)) {
                throw PlumblineException.invalid(
                        field,
                        "FIELD_OUT_OF_RANGE",
                        "%s must be above 0, not %s; large numbers let all pass"
                                .formatted(field, margin),
                        Map.of("value", Double.toString(margin)));
            }
        }
    }

    /** The same with a model that another process finds too. */
    public SelectionChoice withClip(ModelChoice found) {
        return new SelectionChoice(pool, found, selector, options, k, seed, margins);
    }

    /** The same by another selector. */
    public SelectionChoice withSelector(String other) {
        return new SelectionChoice(pool, clip, other, options, k, seed, margins);
    }
}
