package dev.plumbline.eval.report;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import javax.imageio.ImageIO;

/** Pictures inside the document, as data; large ones are made smaller first. */
final class Pictures {
    private static final int MAX_BYTES = 150_000;
    private static final int MAX_EDGE = 480;
    private static final int THUMBNAIL_EDGE = 64;

    private Pictures() {}

    /**
     * The picture, or a note in its place where the file cannot be read: a report is never lost for
     * one picture.
     */
    static Markup show(Path file) {
        String name = String.valueOf(file.getFileName());
        try {
            byte[] bytes = Files.readAllBytes(file);
            byte[] small = bytes.length > MAX_BYTES ? shrink(bytes, MAX_EDGE) : bytes;
            return Tag.of("img")
                    .set("alt", name)
                    .set("title", name)
                    .set("loading", "lazy")
                    .set("src", data(small));
        } catch (IOException e) {
            return Tag.of("span", "lost", "no picture: " + name);
        }
    }

    /** A very small one as a data URL; nothing where the file cannot be read. */
    static Optional<String> thumbnail(Path file) {
        try {
            return Optional.of(data(shrink(Files.readAllBytes(file), THUMBNAIL_EDGE)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String data(byte[] bytes) {
        return "data:" + type(bytes) + ";base64," + Base64.getEncoder().encodeToString(bytes);
    }

    private static String type(byte[] bytes) {
        int first = bytes.length < 4 ? 0 : bytes[0] & 0xFF;
        return switch (first) {
            case 0x89 -> "image/png";
            case 'G' -> "image/gif";
            case 'R' -> "image/webp";
            case 'B' -> "image/bmp";
            default -> "image/jpeg";
        };
    }

    /**
     * As a JPEG of at most so many pixels an edge; the bytes as they are where they cannot be
     * decoded.
     */
    private static byte[] shrink(byte[] bytes, int edge) throws IOException {
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(bytes));
        if (image == null) {
            return bytes;
        }
        double scale = Math.min(1, (double) edge / Math.max(image.getWidth(), image.getHeight()));
        int width = Math.max(1, (int) Math.round(image.getWidth() * scale));
        int height = Math.max(1, (int) Math.round(image.getHeight() * scale));
        BufferedImage small = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D canvas = small.createGraphics();
        canvas.setRenderingHint(
                RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        canvas.drawImage(image, 0, 0, width, height, null);
        canvas.dispose();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        return ImageIO.write(small, "jpeg", out) ? out.toByteArray() : bytes;
    }
}
