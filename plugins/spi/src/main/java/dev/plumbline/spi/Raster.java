package dev.plumbline.spi;

/**
 * A picture's pixels.
 *
 * @param rgb red, green and blue of each pixel, row by row from the top: 3 · width · height bytes,
 *     not copied
 */
public record Raster(int width, int height, byte[] rgb) {
    public Raster {
        if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
            throw new IllegalArgumentException(
                    "%d bytes are not %d x %d pixels".formatted(rgb.length, width, height));
        }
    }
}
