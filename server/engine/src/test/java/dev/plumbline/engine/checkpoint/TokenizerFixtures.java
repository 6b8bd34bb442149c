package dev.plumbline.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;

/** What {@code src/test/python/make_tokenizer_fixtures.py} wrote. */
final class TokenizerFixtures {
    static final List<String> NAMES = List.of("llama_like", "llama_plain", "qwen_like");

    private TokenizerFixtures() {}

    static Path folder(String name) {
        return Path.of("src/test/resources/tokenizer", name);
    }

    static JsonNode cases(String name) {
        try {
            return new ObjectMapper().readTree(folder(name).resolve("cases.json").toFile());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static int[] ids(JsonNode ids) {
        return StreamSupport.stream(ids.spliterator(), false)
                .mapToInt(JsonNode::intValue)
                .toArray();
    }
}
