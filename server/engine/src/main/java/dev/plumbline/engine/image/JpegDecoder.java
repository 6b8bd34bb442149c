package dev.plumbline.engine.image;

import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** The JDK's JPEG decoder for the samples, our own arithmetic for the colors. */
final class JpegDecoder {
    private JpegDecoder() {}

    static Picture decode(JpegFile file, String name) {
        return new Picture(file.width(), file.height(), file.colors().toRgb(samples(file, name)));
    }

    private static byte[] samples(JpegFile file, String name) {
        ImageReader reader = reader();
        try (ImageInputStream input =
                new MemoryCacheImageInputStream(new ByteArrayInputStream(file.coded()))) {
            reader.setInput(input, true, true);
            Raster raster = reader.readRaster(0, null);
            int expected = file.width() * file.height() * file.colors().components();
            if (raster.getDataBuffer() instanceof DataBufferByte buffer
                    && buffer.getData().length == expected) {
                return buffer.getData();
            }
            throw ImageFailure.unreadable(name, "the JPEG holds less than its header says");
        } catch (IOException | IllegalArgumentException | IllegalStateException failure) {
            String message = failure.getMessage();
            throw ImageFailure.unreadable(name, message == null ? "damaged JPEG" : message)
                    .causedBy(failure);
        } finally {
            reader.dispose();
        }
    }

    /** The JDK's own, whatever other libraries have registered: only it gives raw samples. */
    private static ImageReader reader() {
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName("jpeg");
        while (readers.hasNext()) {
            ImageReader reader = readers.next();
            if ("java.desktop".equals(reader.getClass().getModule().getName())
                    && reader.canReadRaster()) {
                return reader;
            }
        }
        throw new IllegalStateException("the Java runtime has no JPEG decoder (java.desktop)");
    }
}
