package dev.plumbline.engine.image;

/**
 * A decoded picture, 8 bits a channel.
 *
 * @param width pixels in a row
 * @param height rows
 * @param rgb interleaved red, green, blue, row by row from the top: {@code 3 * width * height}
 *     bytes, each 0 to 255 unsigned; not copied, so nobody may write to it
 */
@SuppressWarnings("ArrayRecordComponent") // Pictures are large and compared by nobody.
public record Picture(int width, int height, byte[] rgb) {
    /** Bytes a pixel. */
    public static final int CHANNELS = 3;

    public Picture {
        if (width <= 0 || height <= 0) {
            throw new IllegalArgumentException("a picture of " + width + " x " + height);
        }
        if (rgb.length != (long) width * height * CHANNELS) {
            throw new IllegalArgumentException(
                    rgb.length + " bytes for " + width + " x " + height + " RGB pixels");
        }
    }
}
