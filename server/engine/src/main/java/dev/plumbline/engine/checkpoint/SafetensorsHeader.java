package dev.plumbline.engine.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.MappedFile;
import dev.plumbline.engine.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a safetensors file, checked as strictly as the reference implementation does: the
 * tensors tile the data exactly, without holes and without overlap.
 *
 * @param tensors in the order of their data
 */
record SafetensorsHeader(Map<String, TensorInfo> tensors, Map<String, String> metadata) {
    /** The length of the header, an unsigned little-endian number, comes first. */
    static final int LENGTH_BYTES = 8;

    static final String METADATA = "__metadata__";

    /** Many times what the largest published checkpoints have; it bounds what parsing costs. */
    private static final long MAX_BYTES = 16L << 20;

    static SafetensorsHeader read(Path path, MappedFile file) {
        if (file.size() < LENGTH_BYTES) {
            throw Faults.damaged(path, "it has only %d bytes".formatted(file.size()));
        }
        long length =
                ByteBuffer.wrap(file.bytes(0, LENGTH_BYTES))
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .getLong();
        if (length < 2 || length > MAX_BYTES || length > file.size() - LENGTH_BYTES) {
            throw Faults.damaged(
                    path,
                    "it claims a header of %s bytes in a file of %d (%d at most)"
                            .formatted(Long.toUnsignedString(length), file.size(), MAX_BYTES));
        }
        JsonNode json = parse(path, file.bytes(LENGTH_BYTES, (int) length));
        return new Reader(path, LENGTH_BYTES + length, file.size()).read(json);
    }

    private static JsonNode parse(Path path, byte[] bytes) {
        try {
            JsonNode json = Json.MAPPER.readTree(bytes);
            if (!json.isObject()) {
                throw Faults.damaged(path, "its header is not a JSON object");
            }
            return json;
        } catch (JsonProcessingException e) {
            throw Faults.damaged(path, "its header is not JSON: " + e.getOriginalMessage())
                    .causedBy(e);
        } catch (IOException e) {
            throw Faults.unreadable(path, e);
        }
    }

    private record Reader(Path path, long dataStart, long fileSize) {
        SafetensorsHeader read(JsonNode json) {
            List<TensorInfo> tensors = new ArrayList<>();
            Map<String, String> metadata = new LinkedHashMap<>();
            json.properties()
                    .forEach(entry -> {
                        if (entry.getKey().equals(METADATA)) {
                            readMetadata(entry.getValue(), metadata);
                        } else {
                            tensors.add(readTensor(entry.getKey(), entry.getValue()));
                        }
                    });
            tensors.sort(
                    Comparator.comparingLong(TensorInfo::offset)
                            .thenComparingLong(TensorInfo::bytes));
            requireTiles(tensors);
            Map<String, TensorInfo> byName = new LinkedHashMap<>();
            tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
            return new SafetensorsHeader(byName, metadata);
        }

        private void readMetadata(JsonNode json, Map<String, String> metadata) {
            json.properties()
                    .forEach(entry -> {
                        if (!entry.getValue().isTextual()) {
                            throw Faults.damaged(
                                    path, "metadata " + entry.getKey() + " is not a text");
                        }
                        metadata.put(entry.getKey(), entry.getValue().textValue());
                    });
        }

        private TensorInfo readTensor(String name, JsonNode json) {
            DType dtype = readType(name, json.path("dtype"));
            List<Long> sizes = longs(name, json.path("shape"), "shape");
            List<Long> span = longs(name, json.path("data_offsets"), "data_offsets");
            if (span.size() != 2 || span.get(0) > span.get(1)) {
                throw Faults.damaged(path, name, "data_offsets " + span + " are no span");
            }
            if (span.get(1) > fileSize - dataStart) {
                throw Faults.damaged(
                        path,
                        name,
                        "data_offsets %s lie beyond the file's %d bytes of data"
                                .formatted(span, fileSize - dataStart));
            }
            TensorInfo tensor =
                    new TensorInfo(name, dtype, new Shape(sizes), dataStart + span.get(0));
            if (span.get(1) - span.get(0) != bytes(tensor)) {
                throw Faults.damaged(
                        path,
                        name,
                        "data_offsets %s do not hold %s%s".formatted(span, dtype, sizes));
            }
            return tensor;
        }

        private long bytes(TensorInfo tensor) {
            try {
                return tensor.bytes();
            } catch (ArithmeticException e) {
                throw Faults.damaged(
                                path, tensor.name(), "shape " + tensor.shape() + " is too large")
                        .causedBy(e);
            }
        }

        private DType readType(String name, JsonNode json) {
            if (!json.isTextual()) {
                throw Faults.damaged(path, name, "it has no dtype");
            }
            try {
                return DType.ofSafetensors(json.textValue());
            } catch (PlumblineException e) {
                throw new PlumblineException(
                                ErrorCode.FAILED_PRECONDITION,
                                "TENSOR_TYPE_UNSUPPORTED",
                                "tensor %s in %s has type %s; convert it to F32, F16 or BF16"
                                        .formatted(name, path, json.textValue()),
                                Map.of(
                                        "file", path.toString(),
                                        "tensor", name,
                                        "found", json.textValue()))
                        .causedBy(e);
            }
        }

        private List<Long> longs(String name, JsonNode json, String field) {
            if (!json.isArray()) {
                throw Faults.damaged(path, name, "it has no " + field);
            }
            List<Long> values = new ArrayList<>();
            for (JsonNode value : json) {
                if (!value.isIntegralNumber()
                        || !value.canConvertToLong()
                        || value.longValue() < 0) {
                    throw Faults.damaged(path, name, field + " holds " + value);
                }
                values.add(value.longValue());
            }
            return values;
        }

        private void requireTiles(List<TensorInfo> tensors) {
            long end = dataStart;
            for (TensorInfo tensor : tensors) {
                if (tensor.offset() != end) {
                    throw Faults.damaged(
                            path,
                            tensor.name(),
                            tensor.offset() < end
                                    ? "it overlaps the tensor before it"
                                    : "there is a hole before it");
                }
                end += tensor.bytes();
            }
            if (end != fileSize) {
                throw Faults.damaged(
                        path, "%d bytes follow its last tensor".formatted(fileSize - end));
            }
        }
    }
}
