package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * A checkpoint with an adapter in its weights: {@code W + scaling · B A}, in the checkpoint's own
 * types, names and shards, with all else that its folder holds. Transformers loads it as it loads
 * the checkpoint. No more than one tensor is in memory at a time.
 */
public final class MergedFolder {
    /** Weights in other formats, which would not be merged, are left behind. */
    private static final Set<String> WEIGHT_SUFFIXES =
            Set.of("safetensors", "bin", "pt", "pth", "gguf", "onnx", "msgpack", "h5", "ckpt");

    private final HuggingFaceFolder source;
    private final PeftAdapter adapter;
    private final Runnable check;
    private final Set<String> unmerged;

    private MergedFolder(HuggingFaceFolder source, PeftAdapter adapter, Runnable check) {
        this.source = source;
        this.adapter = adapter;
        this.check = check;
        this.unmerged = new TreeSet<>(adapter.modules().keySet());
    }

    /**
     * Writes a new folder, which appears whole or not at all.
     *
     * @param model folder of the checkpoint
     * @param target does not exist yet, or is empty
     * @param check called now and then; what it throws ends the work
     * @throws PlumblineException {@code FOLDER_NOT_EMPTY}, {@code ADAPTER_MISMATCH}, {@code
     *     DISK_FULL} or {@code FILE_UNWRITABLE}, or what is wrong with the checkpoint
     */
    public static void write(Path model, PeftAdapter adapter, Path target, Runnable check) {
        Path folder = target.toAbsolutePath().normalize();
        var merged = new MergedFolder(HuggingFaceFolder.open(model), adapter, check);
        try {
            requireEmpty(folder);
            merged.write(folder);
        } catch (IOException e) {
            throw Faults.unwritable(folder, 0, e);
        }
    }

    private static void requireEmpty(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        boolean empty = false;
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                empty = !files.iterator().hasNext();
            }
        }
        if (!empty) {
            throw new PlumblineException(
                    ErrorCode.ALREADY_EXISTS,
                    "FOLDER_NOT_EMPTY",
                    "%s exists and is no empty folder; give a new one".formatted(folder),
                    Map.of("path", folder.toString()));
        }
    }

    private void write(Path folder) throws IOException {
        Path parent = folder.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Path temporary =
                folder.resolveSibling("." + folder.getFileName() + "." + UUID.randomUUID());
        Files.createDirectory(temporary);
        try {
            copySettings(temporary);
            weightFiles().forEach((name, file) -> merge(file, temporary.resolve(name)));
            if (!unmerged.isEmpty()) {
                throw mismatch(unmerged.iterator().next(), "the checkpoint has no such layer");
            }
            Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            delete(temporary);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                for (Path file : files) {
                    Files.deleteIfExists(file);
                }
            }
            Files.deleteIfExists(folder);
        }
    }

    /** Configuration, tokenizer, processor, templates, index of shards: links become files. */
    private void copySettings(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(source.path())) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                String suffix = name.substring(name.lastIndexOf('.') + 1);
                if (Files.isRegularFile(file)
                        && !name.startsWith(".")
                        && !WEIGHT_SUFFIXES.contains(suffix)) {
                    check.run();
                    Files.copy(file, folder.resolve(name));
                }
            }
        }
    }

    private Map<String, Path> weightFiles() {
        return source.file(ShardIndex.SINGLE)
                .map(file -> Map.of(ShardIndex.SINGLE, file))
                .orElseGet(() -> {
                    source.weightFiles();
                    return new LinkedHashMap<>(ShardIndex.read(source).files());
                });
    }

    private void merge(Path from, Path to) {
        Safetensors file = Safetensors.open(from);
        List<SafetensorsWriter.Entry> entries = new ArrayList<>();
        for (String name : file.names()) {
            entries.add(new SafetensorsWriter.Entry(name, file.dtype(name), file.shape(name)));
        }
        try (SafetensorsWriter writer = SafetensorsWriter.create(to, entries, file.metadata())) {
            for (SafetensorsWriter.Entry entry : writer.order()) {
                check.run();
                writer.append(merged(entry.name(), file.tensor(entry.name())));
            }
            writer.commit();
        }
    }

    private Tensor merged(String name, Tensor weight) {
        String canonical = TensorNames.canonical(name);
        if (!canonical.endsWith(".weight")) {
            return weight;
        }
        String module = canonical.substring(0, canonical.length() - ".weight".length());
        LoraPair pair = adapter.modules().get(module);
        if (pair == null) {
            return weight;
        }
        Shape shape = Shape.of(pair.b().shape().get(0), pair.a().shape().get(1));
        if (!weight.shape().equals(shape)) {
            throw mismatch(
                    module,
                    "it is of shape %s, the checkpoint's of %s".formatted(shape, weight.shape()));
        }
        unmerged.remove(module);
        return sum(weight, pair);
    }

    /** Each row in fp32, rounded once to the type of the weight. */
    private static Tensor sum(Tensor weight, LoraPair pair) {
        Tensor sum = Tensor.zeros(weight.dtype(), weight.shape());
        float[] a = pair.a().toFloats();
        float[] b = pair.b().toFloats();
        int rank = pair.rank();
        int width = Math.toIntExact(weight.shape().get(1));
        IntStream.range(0, Math.toIntExact(weight.shape().get(0)))
                .parallel()
                .forEach(row -> {
                    float[] change = new float[width];
                    for (int r = 0; r < rank; r++) {
                        float factor = b[row * rank + r];
                        for (int i = 0; i < width; i++) {
                            change[i] += factor * a[r * width + i];
                        }
                    }
                    float scaling = (float) pair.scaling();
                    float[] values = weight.slice(row, row + 1L).toFloats();
                    for (int i = 0; i < width; i++) {
                        values[i] += scaling * change[i];
                    }
                    sum.slice(row, row + 1L).copyFrom(values);
                });
        return sum;
    }

    private PlumblineException mismatch(String module, String what) {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "ADAPTER_MISMATCH",
                "the adapter changes %s in %s: %s; it was made for another model"
                        .formatted(module, source.path(), what),
                Map.of("path", source.path().toString(), "module", module));
    }
}
