package dev.plumbline.engine.select;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.image.PngEncoder;
import dev.plumbline.spi.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.UUID;

/** Pictures of a mined set that are no files yet: each lands under the digest of its bytes. */
final class Pictures {
    private final Path folder;

    Pictures(Path folder) {
        this.folder = folder;
    }

    static String digest(Path image) {
        try {
            return Digests.of(Files.readAllBytes(image));
        } catch (IOException e) {
            throw new PlumblineException(
                            ErrorCode.INVALID_ARGUMENT,
                            "IMAGE_UNREADABLE",
                            "the image " + image + " cannot be read",
                            Map.of("field", "data", "image", image.toString()))
                    .causedBy(e);
        }
    }

    Path made(Raster picture) {
        byte[] png =
                PngEncoder.encode(new Picture(picture.width(), picture.height(), picture.rgb()));
        return kept(png, ".png");
    }

    Path kept(byte[] encoded, String ending) {
        Path file = folder.resolve(Digests.of(encoded).substring(0, 32) + ending);
        if (Files.isRegularFile(file)) {
            return file;
        }
        Path temporary = folder.resolve(file.getFileName() + "." + UUID.randomUUID());
        try {
            Files.createDirectories(folder);
            try {
                Files.write(temporary, encoded);
                Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(temporary);
            }
            return file;
        } catch (IOException e) {
            throw new PlumblineException(
                            ErrorCode.FAILED_PRECONDITION,
                            "FILE_NOT_WRITABLE",
                            "cannot write " + file + ": " + e.getMessage(),
                            Map.of("file", file.toString()))
                    .causedBy(e);
        }
    }
}
