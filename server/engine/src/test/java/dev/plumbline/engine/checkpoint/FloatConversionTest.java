package dev.plumbline.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FloatConversionTest {
    private static final int ALL = 1 << 16;

    /** Against the definition of the types, computed without any conversion of the JDK. */
    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F16", "BF16"})
    void widensAllValuesExactly(DType dtype) {
        Tensor all = Tensor.zeros(dtype, Shape.of(ALL));
        for (int bits = 0; bits < ALL; bits++) {
            all.bytes(bits * 2L, 2).putShort((short) bits);
        }
        float[] widened = convert(all);
        List<String> wrong = new ArrayList<>();
        for (int bits = 0; bits < ALL; bits++) {
            double expected = dtype == DType.F16 ? value(bits, 5, 10) : value(bits, 8, 7);
            boolean same =
                    Double.isNaN(expected)
                            ? Float.isNaN(widened[bits])
                            : Float.floatToRawIntBits(widened[bits])
                                    == Float.floatToRawIntBits((float) expected);
            if (!same) {
                wrong.add("%x: %s, not %s".formatted(bits, widened[bits], expected));
            }
        }
        assertThat(wrong).isEmpty();
    }

    /** The judge is torch, which stored these values and what it widens them to. */
    @ParameterizedTest
    @ValueSource(strings = {"f16", "bf16", "f64"})
    void widensAsTorchDoes(String name) {
        Safetensors file = Safetensors.open(Fixtures.resource("floats.safetensors"));
        assertThat(convert(file.tensor(name)))
                .containsExactly(file.tensor(name + ".expected").toFloats());
    }

    private static float[] convert(Tensor tensor) {
        float[] floats = new float[(int) tensor.shape().elements()];
        ByteBuffer bytes = tensor.bytes(0, (int) tensor.byteSize());
        new FloatConversion().widen(tensor.dtype(), bytes, floats);
        return floats;
    }

    private static double value(int bits, int exponentBits, int fractionBits) {
        int fraction = bits & ((1 << fractionBits) - 1);
        int exponent = (bits >>> fractionBits) & ((1 << exponentBits) - 1);
        int bias = (1 << (exponentBits - 1)) - 1;
        double sign = (bits >>> 15) == 0 ? 1 : -1;
        if (exponent == (1 << exponentBits) - 1) {
            return fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
        }
        double significand = fraction / (double) (1 << fractionBits) + (exponent == 0 ? 0 : 1);
        return sign * significand * Math.pow(2, Math.max(exponent, 1) - bias);
    }
}
