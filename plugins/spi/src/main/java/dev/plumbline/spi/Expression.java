package dev.plumbline.spi;

/**
 * A number, a vector or an array of more axes, that the engine computes and differentiates.
 * Arithmetic is element by element, and shapes broadcast as in NumPy. Every method makes a new
 * expression.
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

    /** Sum over all elements: a number. */
    Expression sum();

    /**
     * Sum over one axis, which is then gone.
     *
     * @param axis from 0
     */
    Expression sum(int axis);

    /** {@code |x|}; the derivative at 0 is 0. */
    Expression abs();

    /**
     * Product of matrices: [..., M, K] with [..., K, N] gives [..., M, N]; further axes broadcast.
     */
    Expression matmul(Expression other);

    /**
     * The axes in another order.
     *
     * @param axes each axis once, from 0
     */
    Expression transposed(int... axes);

    /**
     * The same elements in another shape.
     *
     * @param shape one length may be -1, to follow from the others
     */
    Expression reshaped(int... shape);

    /** The same values in double precision, as is all that is computed from them. */
    Expression inDoubles();

    /** {@code log(sum(exp(x)))} over a vector's elements, without overflow: a number. */
    Expression logSumExp();

    /** Number of elements, as an expression that is not differentiated. */
    Expression count();

    /** The element-wise smaller of the expression and a constant. */
    Expression atMost(double constant);

    /** The element-wise larger of the expression and a constant. */
    Expression atLeast(double constant);

    /** The same value, taken as a constant by the derivative. */
    Expression detached();
}
