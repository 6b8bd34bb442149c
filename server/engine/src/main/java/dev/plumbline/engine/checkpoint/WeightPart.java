package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.tensor.BlockQuantizer;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import java.util.List;

/** One weight in one of the ways in which it is kept. */
record WeightPart(String canonical, WeightEntry source, Storage storage) {
    /** Whether the checkpoint's own file is read, and nothing is converted. */
    boolean isInPlace() {
        return storage.serves(source.dtype());
    }

    /** The tensors of the cached file that hold the weight. */
    List<SafetensorsWriter.Entry> cached() {
        if (!storage.isQuantized()) {
            return List.of(new SafetensorsWriter.Entry(name(), DType.F32, source.shape()));
        }
        long bytesPerBlock = (long) BlockQuantizer.BLOCK * storage.bits() / 8;
        return List.of(
                new SafetensorsWriter.Entry(
                        name(), DType.U8, Shape.of(rows(), blocks(), bytesPerBlock)),
                new SafetensorsWriter.Entry(scalesName(), DType.F32, Shape.of(rows(), blocks())));
    }

    /** Of the weight in the cached file. */
    String name() {
        return storage.isQuantized()
                ? source.name() + "." + storage.name().toLowerCase(java.util.Locale.ROOT)
                : source.name();
    }

    String scalesName() {
        return name() + ".scales";
    }

    /** Of a matrix. */
    long rows() {
        return source.shape().get(0);
    }

    /** Of a matrix. */
    long columns() {
        return source.shape().get(1);
    }

    /** What is read to convert it. */
    long sourceBytes() {
        return source.shape().elements() * source.dtype().bytes();
    }

    private long blocks() {
        return new BlockQuantizer(storage.bits()).scalesPerRow(columns());
    }
}
