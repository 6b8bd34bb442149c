package dev.plumbline.spi;

/**
 * A number, or a vector of numbers, that the engine computes and differentiates. Arithmetic between
 * a number and a vector is element by element, as in NumPy. Every method makes a new expression.
 */
public interface Expression {
    Expression plus(Expression other);

    Expression minus(Expression other);

    Expression times(Expression other);

    Expression dividedBy(Expression other);

    Expression plus(double constant);

    Expression times(double constant);

    /** {@code -x}. */
    default Expression negated() {
        return times(-1);
    }

    Expression exp();

    /** Natural logarithm. */
    Expression log();

    /** {@code 1 / (1 + exp(-x))}. */
    Expression sigmoid();

    /** {@code log(sigmoid(x))}, without overflow for large {@code |x|}. */
    Expression logSigmoid();

    /** {@code max(x, 0)}; the derivative at 0 is 0. */
    Expression relu();

    /** Sum over a vector's elements: a number. */
    Expression sum();

    /** {@code log(sum(exp(x)))} over a vector's elements, without overflow: a number. */
    Expression logSumExp();

    /** Number of elements, as an expression that is not differentiated. */
    Expression count();

    /** The element-wise smaller of the expression and a constant. */
    Expression atMost(double constant);

    /** The same value, taken as a constant by the derivative. */
    Expression detached();
}
