package dev.plumbline.engine.image;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.function.IntUnaryOperator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/** The JDK's PNG decoder, read at its raw samples: its own conversions to RGB are not Pillow's. */
final class PngDecoder {
    private PngDecoder() {}

    static Picture decode(PngFile file, String name) {
        ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
        try (ImageInputStream input =
                new MemoryCacheImageInputStream(new ByteArrayInputStream(file.coded()))) {
            reader.setInput(input, true, true);
            return picture(reader.read(0));
        } catch (IOException | RuntimeException failure) {
            if (causedByEnd(failure)) {
                throw ImageFailure.truncated(name, "the PNG's picture data ends early")
                        .causedBy(failure);
            }
            String message = failure.getMessage();
            throw ImageFailure.unreadable(name, message == null ? "damaged PNG" : message)
                    .causedBy(failure);
        } finally {
            reader.dispose();
        }
    }

    private static boolean causedByEnd(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof EOFException) {
                return true;
            }
        }
        return false;
    }

    private static Picture picture(BufferedImage image) {
        Raster raster = image.getRaster();
        int width = raster.getWidth();
        int height = raster.getHeight();
        byte[] rgb = new byte[Math.multiplyExact(width * Picture.CHANNELS, height)];
        Samples samples = Samples.of(image.getColorModel(), raster.getNumBands());
        int[] row = new int[width * raster.getNumBands()];
        for (int y = 0; y < height; y++) {
            raster.getPixels(0, y, width, 1, row);
            samples.write(row, rgb, y * width * Picture.CHANNELS);
        }
        return new Picture(width, height, rgb);
    }

    /** One row of samples to RGB. */
    private interface Samples {
        void write(int[] row, byte[] rgb, int target);

        static Samples of(ColorModel model, int bands) {
            if (model instanceof IndexColorModel palette) {
                return ofPalette(palette);
            }
            int bits = model.getComponentSize(0);
            if (bands == 1 && bits == 16) {
                // Pillow's mode I;16 clips on its way to RGB.
                return (row, rgb, target) ->
                        write(row, rgb, target, 1, value -> Math.min(value, 255));
            }
            int shift = bits - 8;
            return (row, rgb, target) -> write(row, rgb, target, bands, value -> value >> shift);
        }

        private static Samples ofPalette(IndexColorModel palette) {
            return (row, rgb, target) -> {
                int to = target;
                for (int index : row) {
                    rgb[to++] = (byte) palette.getRed(index);
                    rgb[to++] = (byte) palette.getGreen(index);
                    rgb[to++] = (byte) palette.getBlue(index);
                }
            };
        }

        /** Of one or two bands the first is gray, of three or four the first three are RGB. */
        private static void write(
                int[] row, byte[] rgb, int target, int bands, IntUnaryOperator toByte) {
            int to = target;
            boolean color = bands >= Picture.CHANNELS;
            for (int i = 0; i < row.length; i += bands) {
                for (int channel = 0; channel < Picture.CHANNELS; channel++) {
                    rgb[to++] = (byte) toByte.applyAsInt(row[color ? i + channel : i]);
                }
            }
        }
    }
}
