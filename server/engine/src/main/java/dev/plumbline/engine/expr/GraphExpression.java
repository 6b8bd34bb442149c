package dev.plumbline.engine.expr;

import static dev.plumbline.engine.graph.MathOps.add;
import static dev.plumbline.engine.graph.MathOps.binary;
import static dev.plumbline.engine.graph.MathOps.mul;
import static dev.plumbline.engine.graph.MathOps.reduceMax;
import static dev.plumbline.engine.graph.MathOps.reduceSum;
import static dev.plumbline.engine.graph.MathOps.unary;

import dev.plumbline.engine.graph.MathOps;
import dev.plumbline.engine.graph.NeuralOps;
import dev.plumbline.engine.graph.Op;
import dev.plumbline.engine.graph.ShapeOps;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.spi.Expression;
import java.util.stream.IntStream;

/** An expression as a value of a graph. */
record GraphExpression(Value value) implements Expression {
    /** Beyond any formula: a plugin that does not stop writing one would fill the memory. */
    private static final int MOST_OPERATIONS = 2000;

    GraphExpression {
        if (value.builder().size() > MOST_OPERATIONS) {
            throw new IllegalArgumentException(
                    "an expression of more than %d operations".formatted(MOST_OPERATIONS));
        }
    }

    @Override
    public Expression plus(Expression other) {
        return joined(Op.ADD, other);
    }

    @Override
    public Expression minus(Expression other) {
        return joined(Op.SUB, other);
    }

    @Override
    public Expression times(Expression other) {
        return joined(Op.MUL, other);
    }

    @Override
    public Expression dividedBy(Expression other) {
        return joined(Op.DIV, other);
    }

    @Override
    public Expression plus(double constant) {
        return new GraphExpression(add(value, value.builder().constant(constant, value.dtype())));
    }

    @Override
    public Expression times(double constant) {
        return new GraphExpression(mul(value, constant));
    }

    @Override
    public Expression exp() {
        return new GraphExpression(MathOps.exp(value));
    }

    @Override
    public Expression log() {
        return new GraphExpression(unary(Op.LOG, value));
    }

    @Override
    public Expression sigmoid() {
        return new GraphExpression(MathOps.sigmoid(value));
    }

    @Override
    public Expression logSigmoid() {
        Value negated = MathOps.neg(value);
        return new GraphExpression(
                MathOps.neg(
                        value.dtype() == DType.F64
                                ? softplus(negated)
                                : unary(Op.SOFTPLUS, negated)));
    }

    @Override
    public Expression relu() {
        return new GraphExpression(unary(Op.RELU, value));
    }

    @Override
    public Expression sum() {
        return isScalar() ? this : new GraphExpression(reduceSum(value, false, axes()));
    }

    @Override
    public Expression logSumExp() {
        if (isScalar()) {
            return this;
        }
        // Moved so that the largest term is 1; the derivative does not depend on by how much.
        Value largest = unary(Op.DETACH, reduceMax(value, true, axes()));
        Value sum = reduceSum(MathOps.exp(MathOps.sub(value, largest)), true, axes());
        Value result = add(unary(Op.LOG, sum), largest);
        return new GraphExpression(reduceSum(result, false, axes()));
    }

    @Override
    public Expression sum(int axis) {
        if (axis < -value.rank() || axis >= value.rank()) {
            throw new IllegalArgumentException(
                    "%s has no axis %d to sum over".formatted(value, axis));
        }
        return new GraphExpression(reduceSum(value, false, axis));
    }

    @Override
    public Expression abs() {
        return new GraphExpression(unary(Op.ABS, value));
    }

    @Override
    public Expression matmul(Expression other) {
        Value that = of(other);
        return new GraphExpression(NeuralOps.matmul(wide(value, that), wide(that, value)));
    }

    @Override
    public Expression transposed(int... axes) {
        return new GraphExpression(ShapeOps.transpose(value, axes));
    }

    @Override
    public Expression reshaped(int... shape) {
        return new GraphExpression(ShapeOps.reshape(value, Shapes.reshaped(value, shape)));
    }

    @Override
    public Expression inDoubles() {
        return value.dtype() == DType.F64
                ? this
                : new GraphExpression(MathOps.cast(value, DType.F64));
    }

    @Override
    public Expression atLeast(double constant) {
        return new GraphExpression(
                binary(Op.MAX, value, value.builder().constant(constant, value.dtype())));
    }

    @Override
    public Expression count() {
        return new GraphExpression(MathOps.cast(unary(Op.SIZE, value), value.dtype()));
    }

    @Override
    public Expression atMost(double constant) {
        return new GraphExpression(
                binary(Op.MIN, value, value.builder().constant(constant, value.dtype())));
    }

    @Override
    public Expression detached() {
        return new GraphExpression(unary(Op.DETACH, value));
    }

    /** {@code log(1 + exp(x))}; ONNX Runtime has a kernel for single precision only. */
    private static Value softplus(Value x) {
        // Moved so that the larger term is 1; the derivative does not depend on by how much.
        Value larger = unary(Op.DETACH, unary(Op.RELU, x));
        Value sum = add(MathOps.exp(MathOps.neg(larger)), MathOps.exp(MathOps.sub(x, larger)));
        return add(unary(Op.LOG, sum), larger);
    }

    private Expression joined(Op op, Expression other) {
        Value that = of(other);
        return new GraphExpression(binary(op, wide(value, that), wide(that, value)));
    }

    /** In double precision where the other is: all that doubles are joined with becomes double. */
    private static Value wide(Value value, Value other) {
        return value.dtype() == DType.F32 && other.dtype() == DType.F64
                ? MathOps.cast(value, DType.F64)
                : value;
    }

    private int[] axes() {
        return IntStream.range(0, value.rank()).toArray();
    }

    boolean isScalar() {
        return value.rank() == 0;
    }

    static Value of(Expression expression) {
        if (expression instanceof GraphExpression(Value value)) {
            return value;
        }
        throw new IllegalArgumentException(
                "an expression that the engine did not make: " + expression.getClass().getName());
    }
}
