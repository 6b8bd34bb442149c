package dev.plumbline.eval.benchmarks;

/** The value of a metric, or why it has none. A metric without a value is never shown as 0. */
public sealed interface Figure {
    /** A finite value. */
    record Measured(double value) implements Figure {}

    /** The metric's denominator is 0. */
    record Undefined(String reason) implements Figure {}

    /** {@code part / whole}, undefined where {@code whole} is 0. */
    static Figure ratio(double part, double whole, String reasonWhenEmpty) {
        return whole == 0 ? new Undefined(reasonWhenEmpty) : new Measured(part / whole);
    }

    /** The value, NaN where there is none. */
    default double orNaN() {
        return switch (this) {
            case Measured(double value) -> value;
            case Undefined ignored -> Double.NaN;
        };
    }

    /** {@code this - other}, undefined where either is. */
    default Figure minus(Figure other) {
        if (this instanceof Undefined) {
            return this;
        }
        return other instanceof Undefined ? other : new Measured(orNaN() - other.orNaN());
    }
}
