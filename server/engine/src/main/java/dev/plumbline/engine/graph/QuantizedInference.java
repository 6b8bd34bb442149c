package dev.plumbline.engine.graph;

import dev.plumbline.engine.tensor.DType;
import java.util.List;
import java.util.Set;

/** Types and dims of what the operators on quantized matrices make. */
final class QuantizedInference {
    private QuantizedInference() {}

    /** {@code x [..., K]} with a matrix [N, K] to [..., N]. */
    static Inference.Type matmul(List<Value> in, Attributes attributes) {
        Value x = in.get(0);
        Value blocks = in.get(1);
        Value scales = in.get(2);
        long columns = attributes.integer("K");
        long rows = attributes.integer("N");
        long size = attributes.integer("block_size");
        long count = Math.ceilDiv(columns, size);
        require(Op.MATMUL_NBITS, x, blocks, x.dtype() == DType.F32 && x.size(-1) == columns);
        List<Dim> stored = Dim.shape(rows, count, size * attributes.integer("bits") / 8);
        require(
                Op.MATMUL_NBITS,
                x,
                blocks,
                blocks.dtype() == DType.U8 && blocks.dims().equals(stored));
        require(Op.MATMUL_NBITS, blocks, scales, isMatrix(scales, DType.F32, rows, count));
        return new Inference.Type(DType.F32, Inference.withLast(x, Dim.of(rows)));
    }

    /** A matrix in blocks along its last axis to the same matrix in F32. */
    static Inference.Type dequantize(List<Value> in, Attributes attributes) {
        Value numbers = in.get(0);
        Value scales = in.get(1);
        Value zeros = in.get(2);
        boolean matrix =
                Set.of(DType.U4, DType.U8).contains(numbers.dtype())
                        && numbers.rank() == 2
                        && attributes.integer("axis") == 1;
        require(Op.DEQUANTIZE_LINEAR, numbers, scales, matrix);
        long rows = numbers.size(0);
        long count = Math.ceilDiv(numbers.size(1), attributes.integer("block_size"));
        boolean scaled = isMatrix(scales, DType.F32, rows, count);
        require(Op.DEQUANTIZE_LINEAR, numbers, scales, scaled);
        boolean centered = isMatrix(zeros, numbers.dtype(), rows, count);
        require(Op.DEQUANTIZE_LINEAR, numbers, zeros, centered);
        return new Inference.Type(DType.F32, numbers.dims());
    }

    private static boolean isMatrix(Value value, DType dtype, long rows, long columns) {
        return value.dtype() == dtype && value.dims().equals(Dim.shape(rows, columns));
    }

    private static void require(Op op, Value a, Value b, boolean fits) {
        if (!fits) {
            throw Inference.mismatch(op, a, b);
        }
    }
}
