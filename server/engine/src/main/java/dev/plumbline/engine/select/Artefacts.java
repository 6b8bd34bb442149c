package dev.plumbline.engine.select;

import dev.plumbline.engine.checkpoint.Safetensors;
import dev.plumbline.engine.checkpoint.SafetensorsWriter;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import dev.plumbline.spi.Array;
import dev.plumbline.spi.Artefact;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What one selector keeps for one CLIP model and one pool: {@code
 * <folder>/<key>/<name>.safetensors}.
 */
final class Artefacts {
    private static final String ENDING = ".safetensors";

    private final Path folder;

    /**
     * @param root of all selectors
     * @param poolDigest of pool and CLIP model
     */
    Artefacts(Path root, String selector, String poolDigest) {
        this.folder = root.resolve(selector).resolve(Digests.of(poolDigest).substring(0, 16));
    }

    Optional<Path> find(String name, String key) {
        Path file = file(name, key);
        return Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
    }

    /** The newest of that name. */
    Optional<Path> latest(String name) {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (Stream<Path> keys = Files.list(folder)) {
            return keys.map(key -> key.resolve(checked(name) + ENDING))
                    .filter(Files::isRegularFile)
                    .max(Comparator.comparing(Artefacts::time).thenComparing(Path::toString));
        } catch (IOException e) {
            throw unusable(folder, "cannot be listed").causedBy(e);
        }
    }

    private static FileTime time(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes as a whole or not at all. */
    Path save(String name, String key, Artefact artefact) {
        Path file = file(name, key);
        try {
            Files.createDirectories(folder.resolve(Digests.of(key).substring(0, 16)));
        } catch (IOException e) {
            throw unusable(file, "cannot be written").causedBy(e);
        }
        Map<String, Tensor> tensors = new HashMap<>();
        artefact.tensors().forEach((tensorName, array) -> tensors.put(tensorName, tensor(array)));
        SafetensorsWriter.write(file, tensors, artefact.metadata());
        return file;
    }

    static Artefact read(Path file) {
        Safetensors stored = Safetensors.open(file);
        Map<String, Array> tensors = new HashMap<>();
        for (String name : stored.names()) {
            if (stored.dtype(name) != DType.F32) {
                throw unusable(
                        file, "holds %s of type %s, not F32".formatted(name, stored.dtype(name)));
            }
            Tensor tensor = stored.tensor(name);
            int[] shape = tensor.shape().sizes().stream().mapToInt(Math::toIntExact).toArray();
            tensors.put(name, Array.of(tensor.toFloats(), shape));
        }
        return new Artefact(tensors, stored.metadata());
    }

    private Path file(String name, String key) {
        return folder.resolve(Digests.of(key).substring(0, 16)).resolve(checked(name) + ENDING);
    }

    private static String checked(String name) {
        if (!name.matches("[a-z0-9][a-z0-9_-]*")) {
            throw new IllegalArgumentException("not a name for a file: '" + name + "'");
        }
        return name;
    }

    private static Tensor tensor(Array array) {
        Shape shape = Shape.of(Arrays.stream(array.shape()).asLongStream().toArray());
        if (!array.isDouble()) {
            return Tensor.of(shape, array.floats());
        }
        float[] floats = new float[array.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) array.get(i);
        }
        return Tensor.of(shape, floats);
    }

    private static PlumblineException unusable(Path file, String what) {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "ARTEFACT_UNUSABLE",
                file + " " + what,
                Map.of("file", file.toString()));
    }
}
