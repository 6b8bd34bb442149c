package dev.plumbline.eval.benchmarks;

/**
 * A figure that follows from summed counts.
 *
 * @param name as in the result document, for example {@code false_yes}
 * @param formula from the sums over pictures (in the order of the scorecard's columns) to the
 *     figure
 */
public record Metric(String name, Better better, Unit unit, Formula formula) {
    /** Which direction is an improvement. */
    public enum Better {
        HIGHER,
        LOWER,
        NEITHER
    }

    /** What the number is: a share in [0, 1], or a mean number of words. */
    public enum Unit {
        FRACTION,
        WORDS
    }

    /** Sums to figure. */
    @FunctionalInterface
    public interface Formula {
        Figure of(double[] sums);
    }

    /** The same metric under another name. */
    public Metric named(String other) {
        return new Metric(other, better, unit, formula);
    }
}
