package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import java.nio.file.Path;

/**
 * Where a tensor lies.
 *
 * @param name as in the file
 * @param file the real file, links resolved
 * @param offset first byte, from the start of the file
 */
public record WeightEntry(String name, Path file, DType dtype, Shape shape, long offset) {}
