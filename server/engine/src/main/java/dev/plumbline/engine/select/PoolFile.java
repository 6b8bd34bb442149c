package dev.plumbline.engine.select;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.checkpoint.AtomicFile;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code pool.json}: what a pool is; written last, so that where it is the pool is whole. */
public final class PoolFile {
    static final String NAME = "pool.json";

    private static final ObjectMapper JSON = new ObjectMapper();

    private PoolFile() {}

    /**
     * What is known of a pool.
     *
     * @param source what it was made from
     * @param clipDigest of the CLIP model that embedded it
     * @param images different pictures
     * @param duplicates pictures that were there already, byte by byte
     * @param excluded pictures that were not wanted
     * @param skippedCount files that could not be used; {@code skipped} names the first of them
     * @param digest of the pictures in order, and of the CLIP model
     */
    public record Facts(
            Path source,
            String clipDigest,
            int dimension,
            int images,
            int duplicates,
            int excluded,
            int skippedCount,
            List<Skipped> skipped,
            String digest) {
        public Facts {
            skipped = List.copyOf(skipped);
        }
    }

    /** A file that could not be used. */
    public record Skipped(String file, String reason) {}

    /**
     * Of a pool's folder; nothing where it holds no whole pool.
     *
     * @throws PlumblineException {@code POOL_DAMAGED}
     */
    public static Optional<Facts> read(Path folder) {
        Path file = folder.resolve(NAME);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            JsonNode json = JSON.readTree(file.toFile());
            List<Skipped> skipped = new ArrayList<>();
            for (JsonNode entry : json.path("skipped")) {
                skipped.add(
                        new Skipped(entry.path("file").asText(), entry.path("reason").asText()));
            }
            return Optional.of(
                    new Facts(
                            Path.of(json.path("source").asText()),
                            json.path("clip_digest").asText(),
                            json.path("dimension").asInt(),
                            json.path("images").asInt(),
                            json.path("duplicates").asInt(),
                            json.path("excluded").asInt(),
                            json.path("skipped_count").asInt(),
                            skipped,
                            json.path("digest").asText()));
        } catch (IOException e) {
            throw damaged(file, e.getMessage()).causedBy(e);
        }
    }

    static void write(Path folder, Facts facts) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.put("source", facts.source().toString())
                .put("clip_digest", facts.clipDigest())
                .put("dimension", facts.dimension())
                .put("images", facts.images())
                .put("duplicates", facts.duplicates())
                .put("excluded", facts.excluded())
                .put("skipped_count", facts.skippedCount());
        ArrayNode skipped = json.putArray("skipped");
        facts.skipped()
                .forEach(s -> skipped.addObject().put("file", s.file()).put("reason", s.reason()));
        json.put("digest", facts.digest());
        AtomicFile.write(
                folder.resolve(NAME),
                JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
    }

    static String line(PoolEntry entry) {
        try {
            return JSON.writeValueAsString(
                    JSON.createObjectNode()
                            .put("id", entry.id())
                            .put("sha256", entry.digest())
                            .put("file", entry.file().toString()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static PoolEntry entry(Path file, String line) {
        try {
            JsonNode json = JSON.readTree(line);
            return new PoolEntry(
                    json.path("id").asText(),
                    json.path("sha256").asText(),
                    Path.of(json.path("file").asText()));
        } catch (JsonProcessingException e) {
            throw damaged(file, "a line that is not JSON").causedBy(e);
        }
    }

    /**
     * @param clip digest of the model that was to embed it
     */
    static PlumblineException ofAnotherClip(Path folder, String clip) {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "POOL_CLIP_MISMATCH",
                "another CLIP model embedded the pool in %s: take that one, another pool, or delete this one"
                        .formatted(folder),
                Map.of("field", "clip", "path", folder.toString(), "clip_digest", clip));
    }

    static PlumblineException damaged(Path file, @Nullable String what) {
        return new PlumblineException(
                ErrorCode.DATA_LOSS,
                "POOL_DAMAGED",
                "%s is damaged: %s. Delete the pool and make it again.".formatted(file, what),
                Map.of("file", file.toString()));
    }
}
