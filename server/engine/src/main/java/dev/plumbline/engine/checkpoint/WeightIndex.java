package dev.plumbline.engine.checkpoint;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** All tensors of a checkpoint by canonical name, from the headers alone: no weight is read. */
public final class WeightIndex {
    private final List<Path> files;
    private final Map<String, WeightEntry> entries;

    private WeightIndex(List<Path> files, Map<String, WeightEntry> entries) {
        this.files = files;
        this.entries = entries;
    }

    /**
     * @param files one or several shards
     * @throws PlumblineException {@code TENSOR_DUPLICATE} if two names mean the same tensor
     */
    static WeightIndex of(Collection<Safetensors> files) {
        Map<String, WeightEntry> entries = new LinkedHashMap<>();
        for (Safetensors file : files) {
            for (String name : file.names()) {
                WeightEntry entry =
                        new WeightEntry(
                                name,
                                file.path(),
                                file.dtype(name),
                                file.shape(name),
                                file.info(name).offset());
                WeightEntry other = entries.put(TensorNames.canonical(name), entry);
                if (other != null) {
                    throw duplicate(entry, other);
                }
            }
        }
        return new WeightIndex(files.stream().map(Safetensors::path).toList(), entries);
    }

    /** Entries by canonical name. */
    public Map<String, WeightEntry> entries() {
        return Collections.unmodifiableMap(entries);
    }

    /** The weight files, links resolved. */
    public List<Path> files() {
        return files;
    }

    public Optional<WeightEntry> find(String canonical) {
        return Optional.ofNullable(entries.get(canonical));
    }

    /** Number of weights: elements of all floating-point tensors. */
    public long parameters() {
        return entries.values().stream()
                .filter(entry -> isFloating(entry.dtype()))
                .mapToLong(entry -> entry.shape().elements())
                .sum();
    }

    /** What the weights take when served in fp32, in bytes. */
    public long fp32Bytes() {
        return parameters() * DType.F32.bytes();
    }

    static boolean isFloating(DType dtype) {
        return switch (dtype) {
            case F32, F16, BF16, F64 -> true;
            case I8, U8, U4, I32, I64, BOOL -> false;
        };
    }

    /**
     * Compares the checkpoint with what a model needs, before anything is loaded.
     *
     * @param expected shapes by canonical name
     * @param ignorable canonical names that may be there but are not needed, such as the stored
     *     head of a model whose head is tied; buffers that old versions stored always are
     * @throws PlumblineException {@code TENSOR_MISSING}, {@code TENSOR_SHAPE_MISMATCH}, {@code
     *     TENSOR_TYPE_UNSUPPORTED} or {@code TENSOR_UNEXPECTED}, naming tensor, file and shapes
     */
    public void require(Map<String, Shape> expected, Set<String> ignorable) {
        expected.forEach(this::requireTensor);
        entries.forEach((canonical, entry) -> {
            if (!expected.containsKey(canonical)
                    && !ignorable.contains(canonical)
                    && !TensorNames.isDerivedBuffer(canonical)) {
                throw unexpected(entry);
            }
        });
    }

    private void requireTensor(String canonical, Shape shape) {
        WeightEntry entry = entries.get(canonical);
        if (entry == null) {
            throw missing(canonical, shape);
        }
        if (!entry.shape().equals(shape)) {
            throw mismatch(entry, shape);
        }
        if (!isFloating(entry.dtype())) {
            throw fault(
                    entry,
                    "TENSOR_TYPE_UNSUPPORTED",
                    "tensor %s in %s has type %s; convert it to F32, F16 or BF16"
                            .formatted(entry.name(), entry.file(), entry.dtype()),
                    Map.of("found", entry.dtype().name()));
        }
    }

    private PlumblineException missing(String canonical, Shape shape) {
        String where =
                files.size() == 1
                        ? files.getFirst().toString()
                        : String.valueOf(files.getFirst().getParent());
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "TENSOR_MISSING",
                "%s holds no tensor %s of shape %s, which its config.json calls for"
                                .formatted(where, canonical, shape)
                        + "; check that the folder is complete",
                Map.of("file", where, "tensor", canonical, "expected", shape.toString()));
    }

    private static PlumblineException mismatch(WeightEntry entry, Shape shape) {
        return fault(
                entry,
                "TENSOR_SHAPE_MISMATCH",
                "tensor %s in %s has shape %s where config.json calls for %s"
                                .formatted(entry.name(), entry.file(), entry.shape(), shape)
                        + "; check that config.json belongs to these weights",
                Map.of("found", entry.shape().toString(), "expected", shape.toString()));
    }

    private static PlumblineException unexpected(WeightEntry entry) {
        return fault(
                entry,
                "TENSOR_UNEXPECTED",
                "tensor %s of shape %s in %s has no place in the model that config.json describes"
                                .formatted(entry.name(), entry.shape(), entry.file())
                        + "; check that config.json belongs to these weights",
                Map.of("found", entry.shape().toString()));
    }

    private static PlumblineException duplicate(WeightEntry entry, WeightEntry other) {
        return fault(
                entry,
                "TENSOR_DUPLICATE",
                "tensor %s in %s and tensor %s in %s are the same weight; remove one of them"
                        .formatted(entry.name(), entry.file(), other.name(), other.file()),
                Map.of("other", other.name(), "other_file", other.file().toString()));
    }

    private static PlumblineException fault(
            WeightEntry entry, String reason, String message, Map<String, String> more) {
        Map<String, String> metadata = new LinkedHashMap<>(more);
        metadata.put("file", entry.file().toString());
        metadata.put("tensor", entry.name());
        return new PlumblineException(ErrorCode.FAILED_PRECONDITION, reason, message, metadata);
    }
}
