package dev.plumbline.engine.select;

import dev.plumbline.engine.data.WholeFile;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.image.PngEncoder;
import dev.plumbline.spi.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

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
        if (!Files.isRegularFile(file)) {
            WholeFile.writeInNewFolder(file, temporary -> Files.write(temporary, encoded));
        }
        return file;
    }

    /** Of a picture file. */
    static String ending(String id) {
        String name = id.toLowerCase(Locale.ROOT);
        int dot = name.lastIndexOf('.');
        return dot >= 0 && name.substring(dot).matches("\\.(jpe?g|png)")
                ? name.substring(dot)
                : ".jpg";
    }
}
