package dev.plumbline.engine.data;

import dev.plumbline.engine.checkpoint.Sha256;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Pictures that come as bytes, as files named by the digest of their content: each is written once,
 * however many rows and data sets have it.
 */
final class ImageCache {
    /** More are no picture that anybody trains on. */
    private static final long MAXIMUM_BYTES = 256L << 20;

    /** Pictures that were looked at lately and need not be again. */
    private static final int KNOWN = 10_000;

    private final Path folder;
    private final Set<Path> known =
            Collections.newSetFromMap(
                    new LinkedHashMap<>() {
                        @Override
                        protected boolean removeEldestEntry(Map.Entry<Path, Boolean> eldest) {
                            return size() > KNOWN;
                        }
                    });

    ImageCache(Path folder) {
        this.folder = folder;
    }

    /**
     * Keeps a picture, of which only the header is read.
     *
     * @param name for messages
     * @throws PlumblineException what {@link ImageDecoder#size} says of the header, or {@code
     *     FILE_NOT_WRITABLE}
     */
    Path keep(byte[] image, String name) {
        requireSize(image.length, name);
        var _ = ImageDecoder.size(image, name);
        MessageDigest digest = Sha256.start();
        digest.update(image);
        String hex = Sha256.hex(digest);
        boolean png = image.length > 1 && image[1] == 'P';
        Path file = folder.resolve(hex.substring(0, 2)).resolve(hex + (png ? ".png" : ".jpg"));
        if (!Files.exists(file)) {
            WholeFile.writeInNewFolder(file, temporary -> Files.write(temporary, image));
        }
        return file;
    }

    /** Reads a picture file's header, once; refuses as {@link #keep} does. */
    void check(Path image) {
        if (known.contains(image)) {
            return;
        }
        try {
            requireSize(Files.size(image), image.toString());
            var _ = ImageDecoder.size(Files.readAllBytes(image), image.toString());
        } catch (IOException e) {
            throw new PlumblineException(
                            ErrorCode.INVALID_ARGUMENT,
                            "IMAGE_UNREADABLE",
                            "%s cannot be read: %s".formatted(image, e.getMessage()),
                            Map.of("image", image.toString()))
                    .causedBy(e);
        }
        known.add(image);
    }

    private static void requireSize(long bytes, String name) {
        if (bytes > MAXIMUM_BYTES) {
            throw new PlumblineException(
                    ErrorCode.INVALID_ARGUMENT,
                    "IMAGE_TOO_LARGE",
                    "%s takes %d bytes, at most %d are read".formatted(name, bytes, MAXIMUM_BYTES),
                    Map.of("bytes", Long.toString(bytes)));
        }
    }
}
