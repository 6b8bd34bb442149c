package dev.plumbline.engine.image;

/**
 * A picture in patches.
 *
 * @param rows of patches
 * @param columns of patches
 * @param values patch after patch; the patches of one image token follow one another, row by row,
 *     and so do the image tokens; within a patch channels, frames, rows, columns. Not copied.
 */
@SuppressWarnings("ArrayRecordComponent") // Large, and compared by nobody.
public record PixelPatches(int rows, int columns, float[] values) {
    public PixelPatches {
        if (rows <= 0 || columns <= 0 || values.length % ((long) rows * columns) != 0) {
            throw new IllegalArgumentException(
                    values.length + " values for " + rows + " x " + columns + " patches");
        }
    }
}
