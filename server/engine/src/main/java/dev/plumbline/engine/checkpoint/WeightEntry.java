package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import java.nio.file.Path;

/**
 * Where a tensor lies.
 *
 * @param name as in the file
 * @param file the real file, links resolved
 */
public record WeightEntry(String name, Path file, DType dtype, Shape shape) {}
