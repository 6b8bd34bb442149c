package dev.plumbline.engine.tensor;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.util.Arrays;

/** Quantized matrices for tests, and what their numbers stand for, in plain Java. */
public final class Quantized {
    private Quantized() {}

    public static QuantizedMatrix of(int bits, int rows, int columns, float[] weights) {
        BlockQuantizer quantizer = new BlockQuantizer(bits);
        int blocks = (int) quantizer.scalesPerRow(columns);
        byte[] numbers = new byte[(int) quantizer.bytesPerRow(columns)];
        float[] scales = new float[blocks];
        Tensor allNumbers = Tensor.zeros(DType.U8, Shape.of(rows, blocks, 4 * bits));
        Tensor allScales = Tensor.zeros(DType.F32, Shape.of(rows, blocks));
        for (int row = 0; row < rows; row++) {
            float[] values = Arrays.copyOfRange(weights, row * columns, (row + 1) * columns);
            quantizer.quantize(values, numbers, scales);
            allNumbers.bytes((long) row * numbers.length, numbers.length).put(numbers);
            allScales.slice(row, row + 1).copyFrom(scales);
        }
        return new QuantizedMatrix(bits, columns, allNumbers, allScales);
    }

    /** The weight at a place. */
    public static double weight(QuantizedMatrix matrix, int row, int column) {
        int width = BlockQuantizer.BLOCK * matrix.bits() / 8;
        long block = row * matrix.blocks() + column / BlockQuantizer.BLOCK;
        int within = column % BlockQuantizer.BLOCK;
        int stored;
        if (matrix.bits() == 8) {
            stored = matrix.numbers().segment().get(JAVA_BYTE, block * width + within) & 0xFF;
        } else {
            int pair = matrix.numbers().segment().get(JAVA_BYTE, block * width + within / 2);
            stored = pair >> (within % 2 * 4) & 0xF;
        }
        return (stored - (matrix.bits() == 8 ? 128 : 8)) * (double) matrix.scales().getFloat(block);
    }

    /** All weights in F32 [rows, columns]. */
    public static Tensor dequantize(QuantizedMatrix matrix) {
        int rows = (int) matrix.rows();
        int columns = (int) matrix.columns();
        Tensor weights = Tensor.zeros(DType.F32, Shape.of(rows, columns));
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                weights.setFloat(
                        (long) row * columns + column, (float) weight(matrix, row, column));
            }
        }
        return weights;
    }
}
