package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.ShortBuffer;
import java.util.function.Consumer;

/**
 * Widens a tensor of any floating type to fp32, piece by piece; exact, save that F64 is rounded to
 * nearest. The loops are plain, so that the compiler vectorizes them.
 */
final class FloatConversion {
    private static final int CHUNK = 1 << 20;

    private final short[] halves = new short[CHUNK];
    private final float[] floats = new float[CHUNK];
    private final ByteBuffer out =
            ByteBuffer.allocateDirect(CHUNK * DType.F32.bytes()).order(ByteOrder.nativeOrder());

    /** Hands the values over in order; each buffer is valid only during the call. */
    void convert(Tensor tensor, Consumer<ByteBuffer> sink) {
        int width = tensor.dtype().bytes();
        long elements = tensor.shape().elements();
        for (long start = 0; start < elements; start += CHUNK) {
            int count = (int) Math.min(CHUNK, elements - start);
            read(tensor.dtype(), tensor.bytes(start * width, count * width), count);
            out.asFloatBuffer().put(floats, 0, count);
            sink.accept(out.slice(0, count * DType.F32.bytes()).order(ByteOrder.nativeOrder()));
        }
    }

    private void read(DType dtype, ByteBuffer bytes, int count) {
        switch (dtype) {
            case F16 -> float16(bytes.asShortBuffer(), count);
            case BF16 -> bfloat16(bytes.asShortBuffer(), count);
            case F32 -> bytes.asFloatBuffer().get(floats, 0, count);
            case F64 -> float64(bytes.asDoubleBuffer(), count);
            case I8, U8, U4, I32, I64, BOOL ->
                    throw new IllegalArgumentException(dtype + " is no floating type");
        }
    }

    private void float16(ShortBuffer from, int count) {
        from.get(halves, 0, count);
        for (int i = 0; i < count; i++) {
            floats[i] = Float.float16ToFloat(halves[i]);
        }
    }

    private void bfloat16(ShortBuffer from, int count) {
        from.get(halves, 0, count);
        for (int i = 0; i < count; i++) {
            floats[i] = Float.intBitsToFloat(halves[i] << 16);
        }
    }

    private void float64(DoubleBuffer from, int count) {
        for (int i = 0; i < count; i++) {
            floats[i] = (float) from.get(i);
        }
    }
}
