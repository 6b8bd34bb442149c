package dev.plumbline.engine.image;

/**
 * What a vision tower reads.
 *
 * @param values channels (red, green, blue), then rows, then columns: {@code 3 * height * width}
 *     numbers; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // Large, and compared by nobody.
public record PixelValues(int height, int width, float[] values) {
    public PixelValues {
        if (values.length != (long) Picture.CHANNELS * height * width) {
            throw new IllegalArgumentException(
                    values.length + " values for 3 x " + height + " x " + width);
        }
    }
}
