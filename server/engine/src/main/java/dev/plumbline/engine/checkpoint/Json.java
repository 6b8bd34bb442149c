package dev.plumbline.engine.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** JSON as Python writes it, {@code NaN} and {@code Infinity} included, but strict otherwise. */
final class Json {
    static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    /** Above any configuration or shard index that was ever published. */
    private static final long MAX_BYTES = 64L << 20;

    private Json() {}

    /** The object that a file holds; anything else is {@code JSON_INVALID}, naming the file. */
    static JsonNode readObject(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw invalid(file, "it has more than " + MAX_BYTES + " bytes");
            }
            JsonNode json = MAPPER.readTree(Files.readAllBytes(file));
            if (!json.isObject()) {
                throw invalid(file, "it is not a JSON object");
            }
            return json;
        } catch (JsonProcessingException e) {
            throw invalid(file, e.getOriginalMessage()).causedBy(e);
        } catch (IOException e) {
            throw Faults.unreadable(file, e);
        }
    }

    private static PlumblineException invalid(Path file, String what) {
        return Faults.unusable(file, "JSON_INVALID", "%s cannot be used: %s".formatted(file, what));
    }
}
