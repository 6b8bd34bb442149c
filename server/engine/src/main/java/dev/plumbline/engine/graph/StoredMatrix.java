package dev.plumbline.engine.graph;

import dev.plumbline.engine.tensor.BlockQuantizer;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.QuantizedMatrix;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A quantized weight [rows, columns] as graphs see it: the same memory under several names, since
 * the product and its derivative want it as tensors of different types and shapes.
 *
 * @param weight its name in the checkpoint
 * @param bits 4 or 8
 */
public record StoredMatrix(String weight, int bits, long rows, long columns) {
    /** The largest part of a matrix that is ever written out in F32. */
    private static final long PART_BYTES = 256L << 20;

    /** Rows that are written out in F32 at a time. */
    record Part(int index, long start, long end) {
        long rows() {
            return end - start;
        }
    }

    public static StoredMatrix of(String weight, QuantizedMatrix matrix) {
        return new StoredMatrix(weight, matrix.bits(), matrix.rows(), matrix.columns());
    }

    /** The tensors that lowered graphs name: views of the matrix, and its zero points. */
    public Map<String, Tensor> tensors(QuantizedMatrix matrix) {
        Map<String, Tensor> views = new HashMap<>();
        views.put(blocksName(), matrix.numbers());
        views.put(scalesName(), matrix.scales());
        for (Part part : parts()) {
            views.put(numbersName(part), matrix.unpacked().slice(part.start(), part.end()));
            views.put(scalesName(part), matrix.scales().slice(part.start(), part.end()));
            views.put(
                    zeroPointsName(part),
                    new BlockQuantizer(bits).zeroPoints(Shape.of(part.rows(), blocks())));
        }
        return views;
    }

    /** {@code x W^T}, of x rounded to eight bits in blocks of 32. */
    Value roundedProduct(Value x, String outputName) {
        GraphBuilder builder = x.builder();
        Value blocks = builder.weight(blocksName(), DType.U8, Shape.of(rows, blocks(), width()));
        Value scales = builder.weight(scalesName(), DType.F32, Shape.of(rows, blocks()));
        return QuantizedOps.product(x, blocks, scales, bits, outputName);
    }

    /** Some rows in F32, without the padding of the last block. */
    Value dequantize(GraphBuilder builder, Part part) {
        long padded = blocks() * BlockQuantizer.BLOCK;
        Shape numbers = Shape.of(part.rows(), padded);
        Shape blocked = Shape.of(part.rows(), blocks());
        Value matrix =
                QuantizedOps.dequantize(
                        builder.weight(numbersName(part), numberType(), numbers),
                        builder.weight(scalesName(part), DType.F32, blocked),
                        builder.weight(zeroPointsName(part), numberType(), blocked));
        return padded == columns ? matrix : ShapeOps.slice(matrix, 1, 0, columns);
    }

    /** All rows, in parts of limited size. */
    List<Part> parts() {
        long most = Math.max(1, PART_BYTES / (columns * Float.BYTES));
        List<Part> parts = new ArrayList<>();
        for (long start = 0; start < rows; start += most) {
            parts.add(new Part(parts.size(), start, Math.min(rows, start + most)));
        }
        return parts;
    }

    private String blocksName() {
        return weight + ".int" + bits;
    }

    private String scalesName() {
        return weight + ".scales";
    }

    private String numbersName(Part part) {
        return weight + ".uint" + bits + suffix(part);
    }

    private String scalesName(Part part) {
        return scalesName() + suffix(part);
    }

    /** All parts of one shape have the same zero points. */
    private String zeroPointsName(Part part) {
        return "zero_points.uint%d.%dx%d".formatted(bits, part.rows(), blocks());
    }

    private String suffix(Part part) {
        return part.rows() == rows ? "" : "." + part.index();
    }

    private long blocks() {
        return new BlockQuantizer(bits).scalesPerRow(columns);
    }

    /** Bytes of a block. */
    private long width() {
        return (long) BlockQuantizer.BLOCK * bits / Byte.SIZE;
    }

    private DType numberType() {
        return bits == 4 ? DType.U4 : DType.U8;
    }
}
