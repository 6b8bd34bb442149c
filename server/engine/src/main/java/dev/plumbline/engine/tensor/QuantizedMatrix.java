package dev.plumbline.engine.tensor;

/**
 * A matrix [rows, columns] as {@link BlockQuantizer} stores it.
 *
 * @param bits 4 or 8
 * @param columns without the padding of the last block
 * @param numbers U8 [rows, blocks, 32 * bits / 8]
 * @param scales F32 [rows, blocks]
 */
public record QuantizedMatrix(int bits, long columns, Tensor numbers, Tensor scales) {
    public QuantizedMatrix {
        BlockQuantizer quantizer = new BlockQuantizer(bits);
        long rows = numbers.shape().get(0);
        long blocks = quantizer.scalesPerRow(columns);
        require(numbers, DType.U8, Shape.of(rows, blocks, BlockQuantizer.BLOCK * bits / 8));
        require(scales, DType.F32, Shape.of(rows, blocks));
    }

    public long rows() {
        return scales.shape().get(0);
    }

    public long blocks() {
        return scales.shape().get(1);
    }

    /** The stored numbers as a matrix [rows, blocks * 32] of U4 or U8, in the same memory. */
    public Tensor unpacked() {
        return Tensor.view(
                bits == 4 ? DType.U4 : DType.U8,
                Shape.of(rows(), blocks() * BlockQuantizer.BLOCK),
                numbers.segment());
    }

    private static void require(Tensor tensor, DType dtype, Shape shape) {
        if (tensor.dtype() != dtype || !tensor.shape().equals(shape)) {
            throw new IllegalArgumentException(tensor + " should be " + dtype + shape);
        }
    }
}
