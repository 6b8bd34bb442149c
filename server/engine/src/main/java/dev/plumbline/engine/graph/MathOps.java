package dev.plumbline.engine.graph;

import dev.plumbline.engine.tensor.DType;
import java.util.Arrays;
import java.util.List;

/** Arithmetic, element by element with NumPy's broadcasting, and sums. */
public final class MathOps {
    private MathOps() {}

    public static Value add(Value a, Value b) {
        return binary(Op.ADD, a, b);
    }

    public static Value sub(Value a, Value b) {
        return binary(Op.SUB, a, b);
    }

    public static Value mul(Value a, Value b) {
        return binary(Op.MUL, a, b);
    }

    public static Value mul(Value a, double constant) {
        return binary(Op.MUL, a, a.builder().constant(constant, a.dtype()));
    }

    public static Value div(Value a, Value b) {
        return binary(Op.DIV, a, b);
    }

    public static Value binary(Op op, Value a, Value b) {
        return a.builder().apply(op, List.of(a, b), Attributes.NONE);
    }

    public static Value unary(Op op, Value x) {
        return x.builder().apply(op, List.of(x), Attributes.NONE);
    }

    public static Value neg(Value x) {
        return unary(Op.NEG, x);
    }

    public static Value exp(Value x) {
        return unary(Op.EXP, x);
    }

    public static Value sigmoid(Value x) {
        return unary(Op.SIGMOID, x);
    }

    public static Value where(Value condition, Value then, Value otherwise) {
        return then.builder().apply(Op.WHERE, List.of(condition, then, otherwise), Attributes.NONE);
    }

    public static Value cast(Value x, DType to) {
        return x.builder().apply(Op.CAST, List.of(x), Attributes.of("to", (long) to.onnxCode()));
    }

    /** The sum over some axes; a negative axis counts from the end. */
    public static Value reduceSum(Value x, boolean keepDims, int... axes) {
        return reduce(Op.REDUCE_SUM, x, keepDims, axes);
    }

    public static Value reduceMax(Value x, boolean keepDims, int... axes) {
        return reduce(Op.REDUCE_MAX, x, keepDims, axes);
    }

    private static Value reduce(Op op, Value x, boolean keepDims, int... axes) {
        List<Long> absolute =
                Arrays.stream(axes)
                        .mapToObj(axis -> (long) (axis < 0 ? x.rank() + axis : axis))
                        .toList();
        return x.builder()
                .apply(
                        op,
                        List.of(x),
                        Attributes.of("axes", absolute, "keepdims", keepDims ? 1L : 0L));
    }
}
