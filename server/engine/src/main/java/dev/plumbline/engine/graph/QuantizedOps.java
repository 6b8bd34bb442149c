package dev.plumbline.engine.graph;

import dev.plumbline.engine.tensor.BlockQuantizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Operators on matrices that are kept in blocks of small whole numbers. */
public final class QuantizedOps {
    private static final long BLOCK = BlockQuantizer.BLOCK;

    /** Computes with whole numbers: blocks of x are rounded to eight bits, with a scale each. */
    private static final long ROUNDED = 4;

    /** Nothing is divided by less, not even where a block of x is all zeros. */
    private static final double SMALLEST_SCALE = 1e-30;

    private QuantizedOps() {}

    /**
     * {@code x W^T} with W [N, K] kept in blocks, and blocks of 32 of x rounded to eight bits.
     *
     * @param blocks U8 [N, blocks, 32 * bits / 8]
     * @param scales F32 [N, blocks]
     */
    public static Value product(Value x, Value blocks, Value scales, long bits, String outputName) {
        Map<String, Object> attributes =
                Map.of(
                        "K",
                        x.size(-1),
                        "N",
                        blocks.size(0),
                        "bits",
                        bits,
                        "block_size",
                        BLOCK,
                        "accuracy_level",
                        ROUNDED);
        return x.builder()
                .applyAll(
                        Op.MATMUL_NBITS,
                        List.of(x, blocks, scales),
                        new Attributes(attributes),
                        List.of(outputName))
                .getFirst();
    }

    /**
     * {@code x} [..., K] as two summands [..., 2, K]: what rounding its blocks of 32 to eight bits
     * leaves, and the rest, at most a 254th of that. Products with rounded activations keep the
     * first as it is and round the rest, so that the sum of both has some sixteen bits.
     */
    static Value summands(Value x) {
        long columns = x.size(-1);
        Value blocks = ShapeOps.reshape(x, dims(x, columns / BLOCK, BLOCK));
        Value largest = MathOps.reduceMax(MathOps.unary(Op.ABS, blocks), true, -1);
        Value smallest = x.builder().constant(SMALLEST_SCALE);
        Value scale = MathOps.binary(Op.MAX, MathOps.mul(largest, 1.0 / 127), smallest);
        Value steps = MathOps.unary(Op.ROUND, MathOps.div(blocks, scale));
        Value rounded = MathOps.mul(steps, scale);
        Value both = ShapeOps.concat(x.rank() - 1, rounded, MathOps.sub(blocks, rounded));
        return ShapeOps.reshape(both, dims(x, 2, columns));
    }

    private static List<Dim> dims(Value x, long second, long last) {
        List<Dim> dims = new ArrayList<>(x.dims().subList(0, x.rank() - 1));
        dims.addAll(Dim.shape(second, last));
        return dims;
    }

    /**
     * The matrix in F32.
     *
     * @param numbers U4 or U8 [N, blocks * 32]
     * @param scales F32 [N, blocks]
     * @param zeroPoints of the numbers' type, [N, blocks]
     */
    public static Value dequantize(Value numbers, Value scales, Value zeroPoints) {
        return numbers.builder()
                .apply(
                        Op.DEQUANTIZE_LINEAR,
                        List.of(numbers, scales, zeroPoints),
                        Attributes.of("axis", 1L, "block_size", BLOCK));
    }
}
