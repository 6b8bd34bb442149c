package dev.plumbline.engine.train;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.checkpoint.Safetensors;
import dev.plumbline.engine.checkpoint.SafetensorsWriter;
import dev.plumbline.engine.checkpoint.Sha256;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A state of training in one safetensors file, which appears whole and tells whether it still is: a
 * SHA-256 of everything in it stands in its metadata.
 *
 * @param state all that is no array of floats
 * @param tensors float32 vectors
 */
record RunCheckpoint(ObjectNode state, Map<String, Tensor> tensors) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FORMAT = "plumbline training state 1";
    private static final int CHUNK_BYTES = 1 << 24;

    /**
     * Writes a file, or another in its place.
     *
     * @throws PlumblineException {@code DISK_FULL} or {@code FILE_UNWRITABLE}; what was there
     *     before stays
     */
    static void write(Path file, ObjectNode state, Map<String, float[]> arrays) {
        Map<String, float[]> sorted = new TreeMap<>(arrays);
        String json = text(state);
        MessageDigest digest = start(json);
        List<SafetensorsWriter.Entry> entries = new ArrayList<>();
        sorted.forEach((name, values) -> {
            Tensor tensor = Tensor.of(Shape.of(values.length), values);
            update(digest, name, tensor);
            entries.add(new SafetensorsWriter.Entry(name, DType.F32, tensor.shape()));
        });
        Map<String, String> metadata =
                Map.of("format", FORMAT, "state", json, "sha256", Sha256.hex(digest));
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, entries, metadata)) {
            for (SafetensorsWriter.Entry entry : writer.order()) {
                float[] values = Objects.requireNonNull(sorted.get(entry.name()));
                writer.append(Tensor.of(entry.shape(), values));
            }
            writer.commit();
        }
    }

    /**
     * Reads a file and checks every byte of it.
     *
     * @throws PlumblineException {@code CHECKPOINT_DAMAGED}, or what else stands in the way of
     *     reading
     */
    static RunCheckpoint read(Path file) {
        Safetensors stored = open(file);
        String json = stored.metadata().getOrDefault("state", "");
        MessageDigest digest = start(json);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (String name : new TreeSet<>(stored.names())) {
            Tensor tensor = stored.tensor(name);
            update(digest, name, tensor);
            tensors.put(name, tensor);
        }
        if (!FORMAT.equals(stored.metadata().get("format"))) {
            throw damaged(file, "it is no training state");
        }
        if (!Sha256.hex(digest).equals(stored.metadata().get("sha256"))) {
            throw damaged(file, "its SHA-256 is not the one it was written with");
        }
        return new RunCheckpoint(state(file, json), tensors);
    }

    private static Safetensors open(Path file) {
        try {
            return Safetensors.open(file);
        } catch (PlumblineException e) {
            if (e.code() == ErrorCode.DATA_LOSS) {
                throw damaged(file, String.valueOf(e.getMessage())).causedBy(e);
            }
            throw e;
        }
    }

    private static String text(ObjectNode state) {
        try {
            return JSON.writeValueAsString(state);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ObjectNode state(Path file, String json) {
        try {
            JsonNode node = JSON.readTree(json);
            if (node instanceof ObjectNode object) {
                return object;
            }
            throw damaged(file, "its state is not a JSON object");
        } catch (JsonProcessingException e) {
            throw damaged(file, "its state is not JSON").causedBy(e);
        }
    }

    private static MessageDigest start(String json) {
        MessageDigest digest = Sha256.start();
        digest.update((json.length() + "\n" + json).getBytes(UTF_8));
        return digest;
    }

    private static void update(MessageDigest digest, String name, Tensor tensor) {
        digest.update("%s %s\n".formatted(name, tensor).getBytes(UTF_8));
        for (long at = 0; at < tensor.byteSize(); at += CHUNK_BYTES) {
            digest.update(tensor.bytes(at, (int) Math.min(CHUNK_BYTES, tensor.byteSize() - at)));
        }
    }

    private static PlumblineException damaged(Path file, String what) {
        return new PlumblineException(
                ErrorCode.DATA_LOSS,
                "CHECKPOINT_DAMAGED",
                "the checkpoint %s is damaged: %s".formatted(file, what),
                Map.of("file", file.toString()));
    }
}
