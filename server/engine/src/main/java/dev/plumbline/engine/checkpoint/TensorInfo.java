package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;

/**
 * What a safetensors header says of one tensor.
 *
 * @param offset first byte, from the start of the file
 */
public record TensorInfo(String name, DType dtype, Shape shape, long offset) {
    /** Size of all elements in bytes. */
    public long bytes() {
        return Math.multiplyExact(shape.elements(), dtype.bytes());
    }
}
