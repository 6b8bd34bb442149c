package dev.plumbline.engine.select;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Candidate images, in a fixed order. */
public record ImagePool(List<Path> images) implements Pool {
    private static final List<String> ENDINGS = List.of(".jpg", ".jpeg", ".png");

    public ImagePool {
        images = List.copyOf(images);
    }

    /**
     * All JPEG and PNG files of a folder and the folders in it, by path.
     *
     * @throws PlumblineException {@code POOL_NOT_FOUND} or {@code POOL_EMPTY}
     */
    public static ImagePool folder(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> images = files.filter(ImagePool::isImage).sorted().toList();
            if (images.isEmpty()) {
                throw PlumblineException.invalid(
                        "pool", "POOL_EMPTY", "the pool " + folder + " holds no JPEG or PNG files");
            }
            return new ImagePool(images);
        } catch (IOException | UncheckedIOException e) {
            throw PlumblineException.invalid(
                            "pool", "POOL_NOT_FOUND", "the pool " + folder + " cannot be read")
                    .causedBy(e);
        }
    }

    private static boolean isImage(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return ENDINGS.stream().anyMatch(name::endsWith) && Files.isRegularFile(file);
    }

    @Override
    public int size() {
        return images.size();
    }

    @Override
    public String digest() {
        return "";
    }

    @Override
    public String id(int index) {
        return images.get(index).toString();
    }

    @Override
    public Optional<Path> file(int index) {
        return Optional.of(images.get(index));
    }

    @Override
    public byte[] bytes(int index) {
        try {
            return Files.readAllBytes(images.get(index));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Optional<String> contentDigest(int index) {
        return Optional.empty();
    }

    @Override
    public Optional<Tensor> embeddings() {
        return Optional.empty();
    }
}
