package dev.plumbline.engine.onnx;

import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.graph.MathOps;
import dev.plumbline.engine.graph.NeuralOps;
import dev.plumbline.engine.graph.Op;
import dev.plumbline.engine.graph.QuantizedOps;
import dev.plumbline.engine.graph.ShapeOps;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * One small use of each operator on {@code x}, [2, 3, 4] of positive numbers. A new operator does
 * not compile before it has one.
 */
final class OperatorGraphs {
    private OperatorGraphs() {}

    static Value use(Op op, Value x) {
        GraphBuilder builder = x.builder();
        Value row = floats(builder, Shape.of(4), 1, -2, 0.5f, 3);
        return switch (op) {
            case ADD, SUB, MUL, DIV, MIN, MAX -> MathOps.binary(op, x, row);
            case LESS_OR_EQUAL -> MathOps.cast(MathOps.binary(op, x, row), DType.F32);
            case WHERE -> MathOps.where(MathOps.binary(Op.LESS_OR_EQUAL, x, row), x, row);
            case NEG, ABS, ROUND, EXP, LOG, SIGMOID, SOFTPLUS, RELU, DETACH, ZEROS_LIKE ->
                    MathOps.unary(op, x);
            case DROPOUT ->
                    NeuralOps.dropout(
                            x,
                            builder.constant(Tensor.ofInts(Shape.of(2, 3, 1), 7, -5, 3, 1, 9, 11)),
                            builder.constant(Tensor.ofInts(Shape.of(4), 1 << 30, 2, -7, 1 << 29)),
                            builder.constant(Tensor.ofInts(Shape.of(), -20)));
            case GELU -> NeuralOps.activation("gelu_new", x);
            case QUICK_GELU -> NeuralOps.activation("quick_gelu", x);
            case CAST -> MathOps.cast(MathOps.cast(x, DType.I64), DType.F32);
            case MATMUL -> NeuralOps.matmul(x, false, x, true);
            case MATMUL_NBITS, DEQUANTIZE_LINEAR -> quantized(op, x);
            case SOFTMAX -> NeuralOps.softmax(x);
            case LOG_SOFTMAX -> NeuralOps.logSoftmax(x);
            case REDUCE_SUM -> MathOps.reduceSum(x, false, 1);
            case REDUCE_MAX -> MathOps.reduceMax(x, true, -1);
            case SIZE -> MathOps.cast(MathOps.unary(op, x), DType.F32);
            case RESHAPE, RESHAPE_LIKE, EXPAND_LIKE, FLATTEN, TRANSPOSE, CONCAT, SLICE ->
                    moved(op, x, row);
            case GATHER, GATHER_ELEMENTS, SCATTER_ELEMENTS, SCATTER_ND -> indexed(op, x);
            case LAYER_NORM -> NeuralOps.layerNorm(x, row, row, 1e-5);
            case RMS_NORM -> NeuralOps.rmsNorm(x, row, 1e-5);
            case ROTARY -> rotary(x);
            case CONV -> conv(x);
            case GROUP_QUERY_ATTENTION -> cachedAttention(x);
            case MULTI_HEAD_ATTENTION -> NeuralOps.multiHeadAttention(x, x, x, 2);
        };
    }

    private static Value moved(Op op, Value x, Value row) {
        return switch (op) {
            case RESHAPE -> ShapeOps.reshape(x, 2, "S", 2, 2);
            case RESHAPE_LIKE -> MathOps.binary(op, x, ShapeOps.transpose(x, 2, 0, 1));
            case EXPAND_LIKE -> ShapeOps.expandLike(row, x);
            case FLATTEN -> ShapeOps.flatten(x);
            case TRANSPOSE -> ShapeOps.transpose(x, 2, 0, 1);
            case CONCAT -> ShapeOps.concat(2, x, x);
            default -> ShapeOps.slice(x, 2, 1, 3);
        };
    }

    private static Value indexed(Op op, Value x) {
        GraphBuilder builder = x.builder();
        Value ids = builder.constant(Tensor.of(Shape.of(2, 3, 1), 3, 0, 2, 1, 1, 0));
        Value updates = floats(builder, Shape.of(2, 3, 1), 1, 2, 3, 4, 5, 6);
        return switch (op) {
            case GATHER -> ShapeOps.gather(x, builder.constant(List.of(1L, 1L, 0L)));
            case GATHER_ELEMENTS -> ShapeOps.gatherElements(x, ids);
            case SCATTER_ELEMENTS -> ShapeOps.scatterAdd(x, ids, updates);
            default ->
                    ShapeOps.scatterRows(
                            x,
                            builder.constant(Tensor.of(Shape.of(2, 2), 1, 2, 0, 0)),
                            floats(builder, Shape.of(2, 4), 1, 2, 3, 4, 5, 6, 7, 8));
        };
    }

    /** Two rows of four weights, padded to a block each; scales of 1 and 2. */
    private static Value quantized(Op op, Value x) {
        GraphBuilder builder = x.builder();
        Value scales = floats(builder, Shape.of(2, 1), 1, 2);
        if (op == Op.MATMUL_NBITS) {
            Value blocks = builder.constant(Tensor.zeros(DType.U8, Shape.of(2, 1, 16)));
            return QuantizedOps.product(x, blocks, scales, 4, "product");
        }
        Value numbers = builder.constant(Tensor.zeros(DType.U4, Shape.of(2, 32)));
        Value zeros = builder.constant(Tensor.zeros(DType.U4, Shape.of(2, 1)));
        Value matrix = ShapeOps.slice(QuantizedOps.dequantize(numbers, scales, zeros), 1, 0, 4);
        return NeuralOps.linear(x, matrix);
    }

    private static Value rotary(Value x) {
        GraphBuilder builder = x.builder();
        return NeuralOps.rotary(
                x,
                floats(builder, Shape.of(2, 3, 1), 1, 0.5f, 0, 0.25f, 0.125f, 0.75f),
                floats(builder, Shape.of(2, 3, 1), 0, 0.5f, 1, 0.75f, 0.25f, 0.5f));
    }

    private static Value conv(Value x) {
        GraphBuilder builder = x.builder();
        Value picture = ShapeOps.reshape(x, 2, 3, 2, 2);
        Value weight = floats(builder, Shape.of(1, 3, 2, 1), 1, 2, 3, 4, 5, 6);
        return NeuralOps.patches(picture, weight);
    }

    /** A prefill of three positions into a cache of five: two query heads, one key head. */
    private static Value cachedAttention(Value x) {
        GraphBuilder builder = x.builder();
        Value keys = ShapeOps.concat(2, x, x);
        Value queries = ShapeOps.concat(2, keys, keys);
        List<Dim> cache = Dim.shape(2, 1, 5, 8);
        Value pastKeys = builder.input("past_keys", DType.F32, cache);
        Value pastValues = builder.input("past_values", DType.F32, cache);
        Value lengths = builder.input("lengths", DType.I32, Dim.shape(2));
        Value total = builder.input("total", DType.I32, Dim.shape());
        List<Value> out =
                NeuralOps.groupQueryAttention(
                        List.of(queries, keys, keys, pastKeys, pastValues, lengths, total),
                        2,
                        1,
                        1 / Math.sqrt(8),
                        List.of("attended", "keys", "values"));
        builder.output(out.get(1));
        builder.output(out.get(2));
        return out.get(0);
    }

    private static Value floats(GraphBuilder builder, Shape shape, float... values) {
        return builder.constant(Tensor.of(shape, values));
    }

    /** What {@link #cachedAttention} is fed beside {@code x}. */
    static Map<String, Tensor> cache() {
        return Map.of(
                "past_keys", Tensor.zeros(DType.F32, Shape.of(2, 1, 5, 8)),
                "past_values", Tensor.zeros(DType.F32, Shape.of(2, 1, 5, 8)),
                "lengths", Tensor.ofInts(Shape.of(2), 2, 2),
                "total", Tensor.ofInts(Shape.of(), 3));
    }
}
