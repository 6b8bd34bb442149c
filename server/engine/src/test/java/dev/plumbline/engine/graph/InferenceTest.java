package dev.plumbline.engine.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.engine.tensor.DType;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class InferenceTest {
    private final GraphBuilder builder = new GraphBuilder("test");
    private final Value x = builder.input("x", DType.F32, Dim.shape("B", "S", 6));
    private final Value row = builder.input("row", DType.F32, Dim.shape(6));
    private final Value fixed = builder.input("fixed", DType.F32, Dim.shape(2, 3));
    private final Value ids = builder.input("ids", DType.I64, Dim.shape("B", "S"));

    @Test
    void broadcastingIsNumpys() {
        Value column = builder.input("column", DType.F32, Dim.shape("S", 1));
        assertThat(MathOps.add(x, row).dims()).isEqualTo(x.dims());
        assertThat(MathOps.add(row, x).dims()).isEqualTo(x.dims());
        assertThat(MathOps.add(column, row).dims()).isEqualTo(Dim.shape("S", 6));
        assertThat(MathOps.mul(x, 2).dims()).isEqualTo(x.dims());
        assertThat(MathOps.binary(Op.LESS_OR_EQUAL, x, row).dtype()).isEqualTo(DType.BOOL);
    }

    @Test
    void matrixProducts() {
        Value weight = builder.input("weight", DType.F32, Dim.shape(4, 6));
        assertThat(NeuralOps.linear(x, weight).dims()).isEqualTo(Dim.shape("B", "S", 4));
        assertThat(NeuralOps.matmul(x, true, x, false).dims()).isEqualTo(Dim.shape("B", 6, 6));
    }

    @Test
    void sumsSlicesAndJoins() {
        assertThat(MathOps.reduceSum(x, false, -1).dims()).isEqualTo(Dim.shape("B", "S"));
        assertThat(MathOps.reduceSum(x, true, 0, 2).dims()).isEqualTo(Dim.shape(1, "S", 1));
        assertThat(ShapeOps.slice(fixed, 1, 1, 3).dims()).isEqualTo(Dim.shape(2, 2));
        assertThat(ShapeOps.concat(1, fixed, fixed).dims()).isEqualTo(Dim.shape(2, 6));
        assertThat(ShapeOps.concat(1, x, x).dims()).isEqualTo(Dim.shape("B", "S+S", 6));
        assertThat(ShapeOps.transpose(x, 2, 0, 1).dims()).isEqualTo(Dim.shape(6, "B", "S"));
        assertThat(ShapeOps.flatten(x).dims()).isEqualTo(Dim.shape("B*S", 6));
        assertThat(ShapeOps.gather(fixed, ids).dims()).isEqualTo(Dim.shape("B", "S", 3));
        assertThat(MathOps.unary(Op.SIZE, x).dtype()).isEqualTo(DType.I64);
    }

    @Test
    void aMaskHasAPlaceForEachPosition() {
        Value mask = builder.input("mask", DType.I32, Dim.shape("B", "S"));
        assertThat(NeuralOps.maskedMultiHeadAttention(x, x, x, mask, 2).dims()).isEqualTo(x.dims());
        assertThatThrownBy(() -> NeuralOps.maskedMultiHeadAttention(x, x, x, ids, 2))
                .hasMessageContaining("ids");
    }

    @Test
    void aNormAlsoGivesTheInverseRoot() {
        List<Value> outputs =
                builder.applyAll(
                        Op.RMS_NORM,
                        List.of(x, row),
                        NeuralOps.rmsNorm(x, row, 1e-5).rank() == 3
                                ? Attributes.of("axis", -1L, "epsilon", 1e-5f)
                                : Attributes.NONE);
        assertThat(outputs.get(1).dims()).isEqualTo(Dim.shape("B", "S", 1));
    }

    @Test
    void reshapesCopyInferAndAreCounted() {
        Value split = ShapeOps.reshape(x, "B", "S", 2, 3);
        assertThat(split.dims()).isEqualTo(Dim.shape("B", "S", 2, 3));
        assertThat(last().attributes().integers("shape")).containsExactly(0L, 0L, 2L, 3L);
        ShapeOps.reshape(x, "rows", 6);
        assertThat(last().attributes().integers("shape")).containsExactly(-1L, 6L);
        ShapeOps.reshape(split, "B", 2, "S", 3);
        assertThat(last().attributes().integers("shape")).containsExactly(0L, 2L, -1L, 3L);
        refused(() -> ShapeOps.reshape(x, "rows", "columns"), "x: F32[B, S, 6]", "[rows, columns]");
        refused(() -> ShapeOps.reshape(fixed, 7), "fixed: F32[2, 3]", "[7]");
        assertThat(ShapeOps.reshape(fixed, 3, 2).dims()).isEqualTo(Dim.shape(3, 2));
    }

    private Node last() {
        return builder.nodes().getLast();
    }

    @Test
    void errorsNameTheOperatorAndTheShapes() {
        refused(() -> MathOps.add(x, fixed), "ADD", "x: F32[B, S, 6]", "fixed: F32[2, 3]");
        refused(() -> MathOps.mul(row, ids), "MUL", "row: F32[6]", "ids: I64[B, S]");
        refused(() -> MathOps.where(fixed, row, row), "WHERE", "fixed: F32[2, 3]");
        refused(() -> NeuralOps.matmul(x, fixed), "MATMUL", "x: F32[B, S, 6]", "fixed: F32[2, 3]");
        refused(() -> NeuralOps.matmul(row, fixed), "MATMUL", "row: F32[6]");
        refused(() -> ShapeOps.concat(0, x, fixed), "CONCAT", "x: F32[B, S, 6]", "F32[2, 3]");
        refused(() -> ShapeOps.concat(0, fixed, ids), "CONCAT", "fixed: F32[2, 3]", "ids: I64");
        refused(() -> ShapeOps.transpose(x, 0, 1), "TRANSPOSE", "x: F32[B, S, 6]", "[0, 1]");
        refused(() -> ShapeOps.transpose(x, 0, 1, 1), "TRANSPOSE", "[0, 1, 1]");
        refused(() -> ShapeOps.slice(fixed, 1, 1, 4), "SLICE", "fixed: F32[2, 3]", "end=4");
        refused(() -> ShapeOps.slice(fixed, 1, 2, 1), "SLICE", "fixed: F32[2, 3]");
        refused(() -> NeuralOps.activation("swoosh", x), "swoosh");
        refused(() -> x.size(0), "axis 0", "x: F32[B, S, 6]");
    }

    private static void refused(Supplier<?> work, String... named) {
        assertThatThrownBy(work::get)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(named);
    }

    @Test
    void dimensionsMultiply() {
        assertThat(Dim.of(2).times(Dim.of(3))).isEqualTo(Dim.of(6));
        assertThat(Dim.of(2).times(Dim.of("S"))).isEqualTo(Dim.of("2*S"));
        assertThat(Dim.of(1).times(Dim.of("S"))).isEqualTo(Dim.of("S"));
        refused(() -> Dim.of(-1), "-1");
        refused(() -> Dim.shape(1.5f, List.of()), "[]");
    }
}
