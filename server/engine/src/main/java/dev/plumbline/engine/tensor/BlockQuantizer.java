package dev.plumbline.engine.tensor;

import java.util.Arrays;

/**
 * Rounds rows of weights to whole numbers of 4 or 8 bits, in blocks of 32 with one scale each:
 * {@code weight = scale * (number - zero point)}. A row whose length is no multiple of 32 is padded
 * with weights of zero.
 *
 * <p>Four bits are those of llama.cpp's Q4_0 (two numbers in a byte, the first in its lower half,
 * zero point 8): the weight of largest magnitude is met exactly, at the end of the range that has
 * one step more. Eight bits are symmetric: zero point 128, steps of a 127th of the largest
 * magnitude. Halves are rounded to even.
 */
public final class BlockQuantizer {
    /** Weights that share a scale. */
    public static final int BLOCK = 32;

    private final int bits;

    /**
     * @param bits 4 or 8
     */
    public BlockQuantizer(int bits) {
        if (bits != 4 && bits != 8) {
            throw new IllegalArgumentException("weights take 4 or 8 bits, not " + bits);
        }
        this.bits = bits;
    }

    /** Bytes that a row of so many weights takes, padding included. */
    public long bytesPerRow(long columns) {
        return scalesPerRow(columns) * (BLOCK * bits / 8);
    }

    /** Blocks in a row of so many weights. */
    public long scalesPerRow(long columns) {
        return Math.ceilDiv(columns, BLOCK);
    }

    /** The stored number that stands for a weight of zero. */
    public int zeroPoint() {
        return 1 << (bits - 1);
    }

    /** A tensor of U4 or U8 that holds the {@link #zeroPoint} all over. */
    public Tensor zeroPoints(Shape shape) {
        Tensor zeros = Tensor.zeros(bits == 4 ? DType.U4 : DType.U8, shape);
        zeros.segment().fill((byte) (bits == 4 ? zeroPoint() * 0x11 : zeroPoint()));
        return zeros;
    }

    /**
     * Quantizes one row, whose weights must be finite.
     *
     * @param quantized receives {@link #bytesPerRow}
     * @param scales receives {@link #scalesPerRow}
     */
    public void quantize(float[] row, byte[] quantized, float[] scales) {
        require(quantized.length, bytesPerRow(row.length), "bytes");
        require(scales.length, scalesPerRow(row.length), "scales");
        float[] last = new float[BLOCK];
        for (int block = 0; block < scales.length; block++) {
            int start = block * BLOCK;
            int count = Math.min(BLOCK, row.length - start);
            if (count == BLOCK) {
                scales[block] = quantize(row, start, quantized, block);
            } else {
                Arrays.fill(last, 0);
                System.arraycopy(row, start, last, 0, count);
                scales[block] = quantize(last, 0, quantized, block);
            }
        }
    }

    private float quantize(float[] weights, int start, byte[] quantized, int block) {
        return bits == 4
                ? quantize4(weights, start, quantized, block * BLOCK / 2)
                : quantize8(weights, start, quantized, block * BLOCK);
    }

    private static float quantize4(float[] weights, int start, byte[] quantized, int to) {
        float scale = largest(weights, start) / -8;
        for (int i = 0; i < BLOCK; i += 2) {
            int low = number(weights[start + i], scale, 8, 15);
            int high = number(weights[start + i + 1], scale, 8, 15);
            quantized[to + i / 2] = (byte) (low | high << 4);
        }
        return scale;
    }

    private static float quantize8(float[] weights, int start, byte[] quantized, int to) {
        float scale = Math.abs(largest(weights, start)) / 127;
        for (int i = 0; i < BLOCK; i++) {
            quantized[to + i] = (byte) number(weights[start + i], scale, 128, 255);
        }
        return scale;
    }

    /** The first weight of the largest magnitude in a block, with its sign. */
    private static float largest(float[] weights, int start) {
        float largest = 0;
        for (int i = start; i < start + BLOCK; i++) {
            if (Math.abs(weights[i]) > Math.abs(largest)) {
                largest = weights[i];
            }
        }
        return largest;
    }

    private static int number(float weight, float scale, int zeroPoint, int last) {
        if (scale == 0) {
            return zeroPoint;
        }
        return Math.clamp((int) Math.rint(weight / scale) + zeroPoint, 0, last);
    }

    private static void require(int length, long wanted, String what) {
        if (length != wanted) {
            throw new IllegalArgumentException(
                    "a row takes %d %s, not %d".formatted(wanted, what, length));
        }
    }
}
