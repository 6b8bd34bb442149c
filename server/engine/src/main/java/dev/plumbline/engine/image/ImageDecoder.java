package dev.plumbline.engine.image;

import dev.plumbline.engine.error.PlumblineException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * JPEG and PNG bytes to RGB, with the pixels that {@code transformers.image_utils.load_image}
 * gives: Pillow's {@code exif_transpose} (the picture stands upright) and {@code convert("RGB")}
 * (alpha and color profiles are dropped, 16-bit color keeps its high byte, 16-bit gray is clipped
 * at 255).
 *
 * <p>The format is told from the content. The size is read from the header before anything is
 * allocated for it.
 */
public final class ImageDecoder {
    /** Largest number of pixels decoded unless another limit is given. */
    public static final long MAXIMUM_PIXELS = 100_000_000;

    private ImageDecoder() {}

    /**
     * Decodes a picture of at most {@link #MAXIMUM_PIXELS} pixels.
     *
     * @param encoded a whole JPEG or PNG file
     * @param name what the message of a failure calls it: a file, or a request field
     * @throws PlumblineException INVALID_ARGUMENT with the reason IMAGE_UNREADABLE,
     *     IMAGE_TRUNCATED, IMAGE_TOO_LARGE or IMAGE_FORMAT_UNSUPPORTED
     */
    public static Picture decode(byte[] encoded, String name) {
        return decode(encoded, name, MAXIMUM_PIXELS);
    }

    /** As {@link #decode(byte[], String)}, refusing more than {@code maximumPixels} pixels. */
    public static Picture decode(byte[] encoded, String name, long maximumPixels) {
        return switch (ImageFormat.of(encoded, name)) {
            case JPEG -> decodeJpeg(encoded, name, maximumPixels);
            case PNG -> decodePng(encoded, name, maximumPixels);
        };
    }

    /**
     * The size of the picture that {@link #decode(byte[], String)} gives, from the header alone.
     *
     * @throws PlumblineException as {@link #decode(byte[], String)} for a header that is damaged
     */
    public static PictureSize size(byte[] encoded, String name) {
        return switch (ImageFormat.of(encoded, name)) {
            case JPEG -> {
                JpegFile file = JpegFile.read(encoded, name);
                checkSize(name, file.width(), file.height(), MAXIMUM_PIXELS);
                yield file.orientation().apply(new PictureSize(file.width(), file.height()));
            }
            case PNG -> {
                PngFile file = PngFile.read(encoded, name);
                checkSize(name, file.width(), file.height(), MAXIMUM_PIXELS);
                yield file.orientation().apply(new PictureSize(file.width(), file.height()));
            }
        };
    }

    private static Picture decodeJpeg(byte[] encoded, String name, long maximumPixels) {
        JpegFile file = JpegFile.read(encoded, name);
        checkSize(name, file.width(), file.height(), maximumPixels);
        return file.orientation().apply(JpegDecoder.decode(file, name));
    }

    private static Picture decodePng(byte[] encoded, String name, long maximumPixels) {
        PngFile file = PngFile.read(encoded, name);
        checkSize(name, file.width(), file.height(), maximumPixels);
        return file.orientation().apply(PngDecoder.decode(file, name));
    }

    private static void checkSize(String name, int width, int height, long maximumPixels) {
        if (width <= 0 || height <= 0) {
            throw ImageFailure.unreadable(name, "it says " + width + " x " + height + " pixels");
        }
        // A Java array ends at 2^31 - 1 bytes, whatever the caller allows.
        long maximum = Math.min(maximumPixels, (Integer.MAX_VALUE - 8) / Picture.CHANNELS);
        if ((long) width * height > maximum) {
            throw ImageFailure.tooLarge(name, width, height, maximum);
        }
    }

    /** Whether {@code bytes} hold {@code text} in ISO 8859-1 at {@code offset}. */
    static boolean startsWith(byte[] bytes, int offset, String text) {
        if (offset < 0 || bytes.length - offset < text.length()) {
            return false;
        }
        byte[] expected = text.getBytes(StandardCharsets.ISO_8859_1);
        return Arrays.equals(bytes, offset, offset + expected.length, expected, 0, expected.length);
    }
}
