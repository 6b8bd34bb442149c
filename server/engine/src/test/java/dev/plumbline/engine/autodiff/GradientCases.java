package dev.plumbline.engine.autodiff;

import static dev.plumbline.engine.autodiff.GradientCase.any;
import static dev.plumbline.engine.autodiff.GradientCase.evenTenths;
import static dev.plumbline.engine.autodiff.GradientCase.oddTenths;
import static dev.plumbline.engine.autodiff.GradientCase.positive;

import dev.plumbline.engine.autodiff.GradientCase.Input;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.graph.MathOps;
import dev.plumbline.engine.graph.NeuralOps;
import dev.plumbline.engine.graph.Op;
import dev.plumbline.engine.graph.ShapeOps;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** The cases of each operator that has a gradient rule. */
final class GradientCases {
    private final Map<Op, List<GradientCase>> cases = new EnumMap<>(Op.class);

    private GradientCases() {
        arithmetic();
        choices();
        elementWise();
        products();
        sums();
        shapes();
        rows();
        layers();
        dropout();
    }

    static Map<Op, List<GradientCase>> all() {
        return new GradientCases().cases;
    }

    private void add(Op op, String name, Function<List<Value>, Value> make, Input... inputs) {
        cases.computeIfAbsent(op, key -> new ArrayList<>())
                .add(new GradientCase(op, name, List.of(inputs), make));
    }

    private void binary(Op op, String name, Input a, Input b) {
        add(op, name, in -> MathOps.binary(op, in.get(0), in.get(1)), a, b);
    }

    private void unary(Op op, String name, UnaryOperator<Value> make, Input x) {
        add(op, name, in -> make.apply(in.getFirst()), x);
    }

    private void arithmetic() {
        for (Op op : List.of(Op.ADD, Op.SUB, Op.MUL, Op.DIV)) {
            binary(op, "of equal dims", any(2, 3), positive(2, 3));
            binary(op, "broadcasting the right", any("B", "S", 3), positive(3));
            binary(op, "broadcasting the left", any(3), positive("B", "S", 3));
            binary(op, "broadcasting a middle axis", any("B", 2, "S", 2), positive("B", 1, 1, 2));
            binary(op, "broadcasting both", any(2, 1, 3), positive(4, 1));
            binary(op, "by a number", any("S", 2), positive());
            binary(op, "of a number", any(), positive("S"));
        }
        add(Op.MUL, "by itself", in -> MathOps.mul(in.getFirst(), in.getFirst()), any(2, 2));
        add(
                Op.ADD,
                "of one value on two ways",
                in -> MathOps.add(MathOps.exp(in.getFirst()), MathOps.neg(in.getFirst())),
                any("S"));
    }

    private void choices() {
        for (Op op : List.of(Op.MIN, Op.MAX)) {
            binary(op, "of equal dims", oddTenths(3, 4), evenTenths(3, 4));
            binary(op, "with a number", oddTenths("B", 4), evenTenths());
            binary(op, "broadcasting the left", oddTenths(1, 4), evenTenths("S", 4));
        }
        Function<List<Value>, Value> where =
                in ->
                        MathOps.where(
                                MathOps.binary(Op.LESS_OR_EQUAL, in.get(0), in.get(1)),
                                in.get(2),
                                in.get(3));
        add(Op.WHERE, "plain", where, oddTenths(3, 3), evenTenths(3, 3), any(3, 3), any(3, 3));
        add(Op.WHERE, "broadcast", where, oddTenths("S", 1), evenTenths(4), any(4), any());
    }

    private void elementWise() {
        Map<Op, Input> inputs =
                Map.of(
                        Op.NEG, any(3),
                        Op.EXP, any("B", "S", 2),
                        Op.LOG, positive("S", 2),
                        Op.SIGMOID, any(2, 2, 2, 2),
                        Op.SOFTPLUS, any("S", 3),
                        Op.RELU, oddTenths("B", 5),
                        Op.ABS, oddTenths(3, 4));
        inputs.forEach((op, input) -> unary(op, "plain", x -> MathOps.unary(op, x), input));
        unary(
                Op.CAST,
                "to double and back",
                x -> {
                    Value wide = MathOps.cast(x, DType.F64);
                    return MathOps.cast(MathOps.mul(wide, wide), DType.F32);
                },
                any("S", 2));
    }

    private void products() {
        for (boolean transA : List.of(false, true)) {
            for (boolean transB : List.of(false, true)) {
                String name = "transA=" + transA + " transB=" + transB;
                BinaryOperator<Value> make = (a, b) -> NeuralOps.matmul(a, transA, b, transB);
                product(name, make, matrix(transA, 2, 3), matrix(transB, 3, 4));
                product(name, make, matrix(transA, "S", 3, "B"), matrix(transB, 3, 2));
                product(name, make, matrix(transA, 2, 3), matrix(transB, 3, 4, "B"));
                product(name, make, matrix(transA, "S", 3, "B", 2), matrix(transB, 3, "N", "B", 2));
                product(name, make, matrix(transA, 2, 3, "B", 1), matrix(transB, 3, 2, 1, "S"));
                product(name, make, matrix(transA, 2, 3, "B", 2), matrix(transB, 3, 2));
            }
        }
    }

    private void product(String name, BinaryOperator<Value> make, Input a, Input b) {
        add(Op.MATMUL, name, in -> make.apply(in.get(0), in.get(1)), a, b);
    }

    /** A matrix, or its transpose, of a batch. */
    private static Input matrix(boolean transposed, Object rows, Object columns, Object... batch) {
        List<Object> dims = new ArrayList<>(List.of(batch));
        dims.add(transposed ? columns : rows);
        dims.add(transposed ? rows : columns);
        return any(dims.toArray());
    }

    private void sums() {
        unary(Op.SOFTMAX, "rank 2", NeuralOps::softmax, any("S", 4));
        unary(Op.SOFTMAX, "rank 4", NeuralOps::softmax, any("B", 2, 2, "S"));
        unary(Op.LOG_SOFTMAX, "rank 2", NeuralOps::logSoftmax, any("S", 4));
        unary(Op.LOG_SOFTMAX, "rank 3", NeuralOps::logSoftmax, any("B", 2, 4));
        for (boolean keep : List.of(false, true)) {
            String name = "keepdims=" + keep;
            unary(Op.REDUCE_SUM, name, x -> MathOps.reduceSum(x, keep, -1), any("S", 3));
            unary(Op.REDUCE_SUM, name, x -> MathOps.reduceSum(x, keep, 0), any("S"));
            unary(Op.REDUCE_SUM, name, x -> MathOps.reduceSum(x, keep, 0), any("B", "S", 2));
            unary(Op.REDUCE_SUM, name, x -> MathOps.reduceSum(x, keep, 1, 3), any(2, 3, 2, 3));
            unary(Op.REDUCE_SUM, name, x -> MathOps.reduceSum(x, keep, 0, 1), any(2, 3));
        }
    }

    private void shapes() {
        unary(Op.RESHAPE, "split", x -> ShapeOps.reshape(x, "B", "S", 2, 2), any("B", "S", 4));
        unary(Op.RESHAPE, "join", x -> ShapeOps.reshape(x, "rows", 4), any("B", "S", 4));
        unary(Op.FLATTEN, "rank 3", ShapeOps::flatten, any("B", "S", 4));
        unary(Op.FLATTEN, "rank 4", ShapeOps::flatten, any(2, 1, 3, 2));
        add(
                Op.RESHAPE_LIKE,
                "of another shape, which has no gradient",
                in -> MathOps.binary(Op.RESHAPE_LIKE, in.get(0), in.get(1)),
                any(4, 3),
                any(2, 6));
        add(
                Op.EXPAND_LIKE,
                "to another shape, which has no gradient",
                in -> ShapeOps.expandLike(in.get(0), in.get(1)),
                any(1, 3),
                any("B", "S", 3));
        add(
                Op.EXPAND_LIKE,
                "of a number",
                in -> ShapeOps.expandLike(in.get(0), in.get(1)),
                any(),
                any("S"));
        unary(Op.TRANSPOSE, "rank 2", x -> ShapeOps.transpose(x, 1, 0), any("S", 2));
        unary(Op.TRANSPOSE, "a cycle", x -> ShapeOps.transpose(x, 1, 2, 0), any("B", "S", 2));
        unary(Op.TRANSPOSE, "rank 4", x -> ShapeOps.transpose(x, 0, 2, 3, 1), any("B", "S", 2, 2));
    }

    private void rows() {
        unary(
                Op.GATHER,
                "repeated rows",
                x -> ShapeOps.gather(x, indices(x, Shape.of(4), 2, 0, 2, 2)),
                any("S", 2));
        unary(
                Op.GATHER,
                "a table of rows",
                x -> ShapeOps.gather(x, indices(x, Shape.of(2, 3), 4, 0, 2, 1, 2, 4)),
                any(5, 2));
        unary(
                Op.GATHER,
                "rows of matrices",
                x -> ShapeOps.gather(x, indices(x, Shape.of(3), 1, 1, 0)),
                any(2, 2, 2));
        unary(
                Op.GATHER_ELEMENTS,
                "one a row",
                x -> ShapeOps.gatherElements(x, indices(x, Shape.of(3, 1), 3, 0, 1)),
                any(3, 4));
        unary(
                Op.GATHER_ELEMENTS,
                "repeated",
                x -> ShapeOps.gatherElements(x, indices(x, Shape.of(2, 3), 1, 1, 0, 2, 2, 2)),
                any(2, 3));
    }

    private void layers() {
        for (Input x : List.of(any("S", 4), any("B", "S", 4))) {
            add(
                    Op.RMS_NORM,
                    "with its scale",
                    in -> NeuralOps.rmsNorm(in.get(0), in.get(1), 1e-5),
                    x,
                    positive(4));
        }
        // Two heads of four numbers; each token has its own angles.
        unary(Op.ROTARY, "heads side by side", GradientCases::rotate, any("B", "S", 8));
        unary(Op.ROTARY, "heads apart", GradientCases::rotate, any("B", 2, "S", 4));
    }

    /** Keys whose products wrap around: some of each row stay, others do not. */
    private void dropout() {
        unary(Op.DROPOUT, "of tokens", x -> dropped(x, 0, Shape.of(2, 3, 1)), any("B", "S", 4));
        unary(Op.DROPOUT, "of rows", x -> dropped(x, 1 << 29, Shape.of(3, 1)), any("S", 4));
    }

    private static Value dropped(Value x, int least, Shape tokens) {
        int[] keys = new int[Math.toIntExact(tokens.elements())];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = 0x9E3779B9 * (2 * i + 1);
        }
        GraphBuilder builder = x.builder();
        Value features =
                builder.constant(Tensor.ofInts(Shape.of(4), 3, 0x7feb352d, -0x61c88647, 12345));
        Value tokenKeys = builder.constant(Tensor.ofInts(tokens, keys));
        Value threshold = builder.constant(Tensor.ofInts(Shape.of(), least));
        return NeuralOps.dropout(x, tokenKeys, features, threshold);
    }

    private static Value rotate(Value x) {
        float[] cos = new float[12];
        float[] sin = new float[12];
        for (int i = 0; i < cos.length; i++) {
            cos[i] = (float) Math.cos(0.3 * i);
            sin[i] = (float) Math.sin(0.3 * i);
        }
        return NeuralOps.rotary(
                x,
                x.builder().constant(Tensor.of(Shape.of(2, 3, 2), cos)),
                x.builder().constant(Tensor.of(Shape.of(2, 3, 2), sin)));
    }

    private static Value indices(Value x, Shape shape, long... values) {
        return x.builder().constant(Tensor.of(shape, values));
    }
}
