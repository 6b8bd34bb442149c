package dev.plumbline.engine.autodiff;

import static dev.plumbline.engine.graph.MathOps.add;
import static dev.plumbline.engine.graph.MathOps.cast;
import static dev.plumbline.engine.graph.MathOps.div;
import static dev.plumbline.engine.graph.MathOps.exp;
import static dev.plumbline.engine.graph.MathOps.mul;
import static dev.plumbline.engine.graph.MathOps.neg;
import static dev.plumbline.engine.graph.MathOps.reduceSum;
import static dev.plumbline.engine.graph.MathOps.sigmoid;
import static dev.plumbline.engine.graph.MathOps.sub;
import static dev.plumbline.engine.graph.MathOps.where;
import static dev.plumbline.engine.graph.ShapeOps.expandLike;
import static dev.plumbline.engine.graph.ShapeOps.reshapeLike;
import static dev.plumbline.engine.graph.ShapeOps.scatterAdd;
import static dev.plumbline.engine.graph.ShapeOps.transpose;
import static dev.plumbline.engine.graph.ShapeOps.zerosLike;

import dev.plumbline.engine.graph.Attributes;
import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.MathOps;
import dev.plumbline.engine.graph.NeuralOps;
import dev.plumbline.engine.graph.Node;
import dev.plumbline.engine.graph.Op;
import dev.plumbline.engine.graph.ShapeOps;
import dev.plumbline.engine.graph.Value;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The table. An operator has a rule, or is not differentiable (no gradient flows through it), or is
 * missing, which is an error where a gradient would have to pass.
 */
final class Rules {
    /** Whole numbers, shapes, choices and constants: nothing flows back through these. */
    static final Set<Op> NOT_DIFFERENTIABLE =
            EnumSet.of(Op.DETACH, Op.LESS_OR_EQUAL, Op.SIZE, Op.ZEROS_LIKE);

    /** Operators whose second input gives a shape and nothing else. */
    private static final Set<Op> SHAPED_BY_SECOND = EnumSet.of(Op.RESHAPE_LIKE, Op.EXPAND_LIKE);

    static final Map<Op, Rule> TABLE = new EnumMap<>(Op.class);

    static {
        TABLE.put(Op.ADD, (n, dY, i) -> dY);
        TABLE.put(Op.SUB, (n, dY, i) -> i == 0 ? dY : neg(dY));
        TABLE.put(Op.MUL, (n, dY, i) -> mul(dY, n.input(1 - i)));
        // dA = dY / B, dB = -dY Y / B
        TABLE.put(
                Op.DIV,
                (n, dY, i) ->
                        i == 0 ? div(dY, n.input(1)) : neg(div(mul(dY, n.output()), n.input(1))));
        TABLE.put(Op.MIN, Rules::smaller);
        TABLE.put(Op.MAX, Rules::larger);
        TABLE.put(Op.WHERE, Rules::where3);
        // The very same mask, made again.
        TABLE.put(
                Op.DROPOUT,
                (n, dY, i) -> NeuralOps.dropout(dY, n.input(1), n.input(2), n.input(3)));
        TABLE.put(Op.NEG, (n, dY, i) -> neg(dY));
        TABLE.put(Op.ABS, Rules::abs);
        TABLE.put(Op.EXP, (n, dY, i) -> mul(dY, n.output()));
        TABLE.put(Op.LOG, (n, dY, i) -> div(dY, n.input(0)));
        // dX = dY Y (1 - Y)
        TABLE.put(Op.SIGMOID, (n, dY, i) -> mul(dY, sub(n.output(), mul(n.output(), n.output()))));
        TABLE.put(Op.SOFTPLUS, (n, dY, i) -> mul(dY, sigmoid(n.input(0))));
        TABLE.put(Op.RELU, Rules::relu);
        TABLE.put(Op.CAST, (n, dY, i) -> cast(dY, n.input(0).dtype()));
        TABLE.put(Op.MATMUL, Rules::matmul);
        TABLE.put(Op.SOFTMAX, Rules::softmax);
        TABLE.put(Op.LOG_SOFTMAX, Rules::logSoftmax);
        TABLE.put(Op.REDUCE_SUM, (n, dY, i) -> expandLike(keepDims(n, dY), n.input(0)));
        TABLE.put(Op.RESHAPE, (n, dY, i) -> reshapeLike(dY, n.input(0)));
        TABLE.put(Op.FLATTEN, (n, dY, i) -> reshapeLike(dY, n.input(0)));
        TABLE.put(Op.RESHAPE_LIKE, (n, dY, i) -> reshapeLike(dY, n.input(0)));
        // Broadcasting again: the driver sums.
        TABLE.put(Op.EXPAND_LIKE, (n, dY, i) -> dY);
        TABLE.put(Op.TRANSPOSE, (n, dY, i) -> transpose(dY, inverse(n)));
        TABLE.put(Op.GATHER, Rules::gather);
        TABLE.put(
                Op.GATHER_ELEMENTS,
                (n, dY, i) -> scatterAdd(zerosLike(n.input(0)), n.input(1), dY));
        TABLE.put(Op.RMS_NORM, Rules::rmsNorm);
        // Turning back: the same rotation with the sine negated.
        TABLE.put(Op.ROTARY, (n, dY, i) -> NeuralOps.rotary(dY, n.input(1), neg(n.input(2))));
    }

    private Rules() {}

    static Optional<Rule> of(Op op) {
        return Optional.ofNullable(TABLE.get(op));
    }

    /** Whether a node's output changes with the elements of one of its inputs. */
    static boolean flows(Node node, int input) {
        return !NOT_DIFFERENTIABLE.contains(node.op())
                && (input == 0 || !SHAPED_BY_SECOND.contains(node.op()));
    }

    /** Half each where both are equal does not occur in losses; the first takes all. */
    private static Value smaller(Node n, Value dY, int i) {
        Value firstWins = MathOps.binary(Op.LESS_OR_EQUAL, n.input(0), n.input(1));
        return choose(firstWins, dY, i);
    }

    private static Value larger(Node n, Value dY, int i) {
        Value firstWins = MathOps.binary(Op.LESS_OR_EQUAL, n.input(1), n.input(0));
        return choose(firstWins, dY, i);
    }

    private static Value choose(Value condition, Value dY, int i) {
        Value zero = dY.builder().constant(0, dY.dtype());
        return i == 0 ? where(condition, dY, zero) : where(condition, zero, dY);
    }

    private static Value where3(Node n, Value dY, int i) {
        return choose(n.input(0), dY, i - 1);
    }

    /** dX = dY sign(X). */
    private static Value abs(Node n, Value dY, int i) {
        Value zero = dY.builder().constant(0, dY.dtype());
        Value notAbove = MathOps.binary(Op.LESS_OR_EQUAL, n.input(0), zero);
        Value notBelow = MathOps.binary(Op.LESS_OR_EQUAL, zero, n.input(0));
        return where(notAbove, where(notBelow, zero, neg(dY)), dY);
    }

    private static Value relu(Node n, Value dY, int i) {
        Value zero = dY.builder().constant(0, dY.dtype());
        return where(MathOps.binary(Op.LESS_OR_EQUAL, n.input(0), zero), zero, dY);
    }

    /** dA = dY B^T and dB = A^T dY, with what was transposed transposed. */
    private static Value matmul(Node n, Value dY, int i) {
        Value a = n.input(0);
        Value b = n.input(1);
        boolean transA = n.attributes().flag("transA");
        boolean transB = n.attributes().flag("transB");
        if (i == 0) {
            return transA
                    ? NeuralOps.matmul(b, transB, dY, true)
                    : NeuralOps.matmul(dY, false, b, !transB);
        }
        if (b.rank() == 2 && a.rank() > 2 && !transA) {
            // One product over all rows, where the general rule would make one for each of the
            // batch and sum them.
            a = ShapeOps.flatten(a);
            dY = ShapeOps.flatten(dY);
        }
        return transB
                ? NeuralOps.matmul(dY, true, a, transA)
                : NeuralOps.matmul(a, !transA, dY, false);
    }

    /** dX = Y (dY - sum(dY Y)). */
    private static Value softmax(Node n, Value dY, int i) {
        Value weighted = mul(dY, n.output());
        return sub(weighted, mul(n.output(), reduceSum(weighted, true, -1)));
    }

    /** dX = dY - exp(Y) sum(dY). */
    private static Value logSoftmax(Node n, Value dY, int i) {
        return sub(dY, mul(exp(n.output()), reduceSum(dY, true, -1)));
    }

    /** dY with the summed axes back, of size 1. */
    private static Value keepDims(Node n, Value dY) {
        if (n.attributes().flag("keepdims")) {
            return dY;
        }
        List<Dim> dims = new ArrayList<>(n.input(0).dims());
        n.attributes().integers("axes").forEach(axis -> dims.set(axis.intValue(), Dim.of(1)));
        return ShapeOps.reshape(dY, dims);
    }

    private static int[] inverse(Node n) {
        List<Long> perm = n.attributes().integers("perm");
        int[] inverse = new int[perm.size()];
        for (int axis = 0; axis < inverse.length; axis++) {
            inverse[perm.get(axis).intValue()] = axis;
        }
        return inverse;
    }

    /** Rows go back where they came from; rows that were taken twice are added. */
    private static Value gather(Node n, Value dY, int i) {
        Value rows = ShapeOps.reshape(n.input(1), append(n.input(1).dims(), Dim.of(1)));
        return dY.builder()
                .apply(
                        Op.SCATTER_ND,
                        List.of(zerosLike(n.input(0)), rows, dY),
                        Attributes.of("reduction", "add"));
    }

    private static List<Dim> append(List<Dim> dims, Dim last) {
        List<Dim> all = new ArrayList<>(dims);
        all.add(last);
        return all;
    }

    /** With s = 1/rms, g = dY w: dX = s g - x s^3 mean(g x); dw = dY x s. */
    private static Value rmsNorm(Node n, Value dY, int i) {
        Value x = n.input(0);
        Value inverse = n.outputs().get(1);
        if (i == 1) {
            return mul(dY, mul(x, inverse));
        }
        Value g = mul(dY, n.input(1));
        Value mean = mul(reduceSum(mul(g, x), true, -1), 1.0 / x.size(-1));
        Value cube = mul(inverse, mul(inverse, inverse));
        return add(mul(g, inverse), neg(mul(x, mul(cube, mean))));
    }
}
