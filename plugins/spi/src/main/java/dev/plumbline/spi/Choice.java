package dev.plumbline.spi;

import java.util.List;

/**
 * What was chosen for one row.
 *
 * @param negatives as many as were asked for; distinct unless the sampling is {@link
 *     #WITH_REPLACEMENT}
 * @param sampling {@link #GREEDY}, {@link #WITH_REPLACEMENT} or {@link #WITHOUT_REPLACEMENT}
 * @param temperature of the proposal, NaN where there is none
 */
public record Choice(List<Negative> negatives, String sampling, double temperature) {
    /** Nothing was drawn: every {@code log_weight} is 0. */
    public static final String GREEDY = "greedy";

    public static final String WITH_REPLACEMENT = "with_replacement";
    public static final String WITHOUT_REPLACEMENT = "without_replacement";

    public Choice {
        negatives = List.copyOf(negatives);
    }

    /** A choice without chance, or whose chance has no known probability. */
    public static Choice greedy(List<Negative> negatives) {
        return new Choice(negatives, GREEDY, Double.NaN);
    }
}
