package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.ShortBuffer;

/**
 * Widens numbers of any floating type to fp32; exact, save that F64 is rounded to nearest. The
 * loops are plain, so that the compiler vectorizes them. For one thread.
 */
final class FloatConversion {
    private short[] halves = new short[0];

    /**
     * @param bytes as many numbers of the type as are wanted, in its byte order
     * @param floats receives them from its beginning
     */
    void widen(DType dtype, ByteBuffer bytes, float[] floats) {
        switch (dtype) {
            case F16 -> float16(bytes.asShortBuffer(), floats);
            case BF16 -> bfloat16(bytes.asShortBuffer(), floats);
            case F32 -> bytes.asFloatBuffer().get(floats, 0, bytes.remaining() / Float.BYTES);
            case F64 -> float64(bytes.asDoubleBuffer(), floats);
            case I8, U8, U4, I32, I64, BOOL ->
                    throw new IllegalArgumentException(dtype + " is no floating type");
        }
    }

    private void float16(ShortBuffer from, float[] floats) {
        int count = read(from);
        for (int i = 0; i < count; i++) {
            floats[i] = Float.float16ToFloat(halves[i]);
        }
    }

    private void bfloat16(ShortBuffer from, float[] floats) {
        int count = read(from);
        for (int i = 0; i < count; i++) {
            floats[i] = Float.intBitsToFloat(halves[i] << 16);
        }
    }

    private static void float64(DoubleBuffer from, float[] floats) {
        int count = from.remaining();
        for (int i = 0; i < count; i++) {
            floats[i] = (float) from.get(i);
        }
    }

    private int read(ShortBuffer from) {
        int count = from.remaining();
        if (halves.length < count) {
            halves = new short[count];
        }
        from.get(halves, 0, count);
        return count;
    }
}
