package dev.plumbline.engine.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.engine.error.PlumblineException;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class TensorTest {
    private static final Shape TWO_BY_TWO = Shape.of(2, 2);

    @Test
    void holdsWhatItWasGiven() {
        assertThat(Tensor.of(TWO_BY_TWO, 1f, 2f, 3f, 4f).toFloats()).containsExactly(1, 2, 3, 4);
        assertThat(Tensor.of(TWO_BY_TWO, 1L, 2L, 3L, -4L).toLongs()).containsExactly(1, 2, 3, -4);
        assertThat(Tensor.ofInts(TWO_BY_TWO, 1, 2, 3, -4).toLongs()).containsExactly(1, 2, 3, -4);
        assertThat(Tensor.zeros(DType.BOOL, TWO_BY_TWO).toLongs()).containsExactly(0, 0, 0, 0);
    }

    @Test
    void refusesTheWrongNumberOfValues() {
        assertThatThrownBy(() -> Tensor.of(TWO_BY_TWO, 1f)).hasMessageContaining("F32[2, 2]");
        Tensor tensor = Tensor.zeros(DType.F32, TWO_BY_TWO);
        assertThatThrownBy(() -> Tensor.view(DType.I64, TWO_BY_TWO, tensor.segment()))
                .hasMessageContaining("32 bytes, not 16");
        assertThatThrownBy(() -> tensor.copyFrom(Tensor.zeros(DType.I32, TWO_BY_TWO)))
                .hasMessageContaining("I32[2, 2]");
    }

    @Test
    void roundsToHalfPrecisionAsPyTorchDoes() {
        Tensor bfloat16 = Tensor.zeros(DType.BF16, Shape.of(6));
        // 1 + 2^-8 lies midway and goes to the even neighbor 1; 1 + 3 * 2^-8 goes up.
        bfloat16.copyFrom(
                new float[] {1.00390625f, 1.01171875f, -2.5f, Float.NaN, 1e30f, 3.4028235e38f});
        assertThat(bfloat16.toFloats())
                .containsExactly(
                        1f,
                        1.015625f,
                        -2.5f,
                        Float.NaN,
                        Float.intBitsToFloat(0x714A0000),
                        Float.POSITIVE_INFINITY);
        Tensor half = Tensor.zeros(DType.F16, Shape.of(2));
        half.copyFrom(new float[] {0.1f, 65504f});
        assertThat(half.toFloats()).containsExactly(0.099975586f, 65504f);
    }

    @Test
    void slicesAndReshapesWithoutCopying() {
        Tensor tensor = Tensor.of(Shape.of(3, 2), 1f, 2f, 3f, 4f, 5f, 6f);
        Tensor rows = tensor.slice(1, 3);
        assertThat(rows.shape()).isEqualTo(TWO_BY_TWO);
        rows.setFloat(3, 60f);
        assertThat(tensor.getFloat(5)).isEqualTo(60f);
        assertThat(tensor.reshape(Shape.of(6)).slice(5, 6).toFloats()).containsExactly(60f);
        assertThat(tensor.slice(3, 3).byteSize()).isZero();
        assertThatThrownBy(() -> tensor.slice(2, 4)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> tensor.reshape(Shape.of(5))).hasMessageContaining("[5]");
    }

    @Test
    void takesTensorsWithoutElements() {
        Tensor empty = Tensor.zeros(DType.F32, Shape.of(0, 8));
        assertThat(empty.toFloats()).isEmpty();
        assertThat(empty.slice(0, 0).shape()).isEqualTo(Shape.of(0, 8));
    }

    @Test
    void knowsTheNamesOfSafetensors() {
        for (DType type : DType.values()) {
            if (type != DType.U4) {
                assertThat(DType.ofSafetensors(type.safetensorsName())).isEqualTo(type);
            }
            assertThat(DType.ofOnnx(type.onnxCode())).isEqualTo(type);
        }
        assertThatThrownBy(() -> DType.ofSafetensors("U4")).isInstanceOf(PlumblineException.class);
        assertThatThrownBy(() -> DType.ofSafetensors("F8_E4M3"))
                .isInstanceOfSatisfying(
                        PlumblineException.class,
                        e -> assertThat(e.metadata()).containsEntry("dtype", "F8_E4M3"));
    }

    @Test
    void holdsTwoElementsOfFourBitsInAByte() {
        Tensor bytes = Tensor.zeros(DType.U8, Shape.of(1, 1, 16));
        bytes.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 0xF1);
        Tensor numbers =
                new QuantizedMatrix(4, 20, bytes, Tensor.zeros(DType.F32, Shape.of(1, 1)))
                        .unpacked();
        assertThat(numbers.shape()).isEqualTo(Shape.of(1, 32));
        assertThat(numbers.byteSize()).isEqualTo(16);
        assertThat(numbers.toLongs()).startsWith(1, 15, 0);
        assertThat(Tensor.zeros(DType.U4, Shape.of(3)).byteSize()).isEqualTo(2);
        assertThatThrownBy(DType.U4::bytes).hasMessageContaining("no whole byte");
    }

    @Test
    void aQuantizedMatrixNamesWhatDoesNotFit() {
        Tensor scales = Tensor.zeros(DType.F32, Shape.of(3, 2));
        Tensor numbers = Tensor.zeros(DType.U8, Shape.of(3, 2, 16));
        assertThat(new QuantizedMatrix(4, 40, numbers, scales).rows()).isEqualTo(3);
        assertThatThrownBy(() -> new QuantizedMatrix(8, 40, numbers, scales))
                .hasMessageContaining("should be U8[3, 2, 32]");
        assertThatThrownBy(() -> new QuantizedMatrix(4, 65, numbers, scales))
                .hasMessageContaining("should be U8[3, 3, 16]");
    }
}
