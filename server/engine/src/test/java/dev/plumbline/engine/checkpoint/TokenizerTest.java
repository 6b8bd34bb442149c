package dev.plumbline.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerTest {
    static final List<String> NAMES = TokenizerFixtures.NAMES;

    @ParameterizedTest
    @FieldSource("NAMES")
    void givesTheIdsAndTextsOfTransformers(String name) {
        try (Tokenizer tokenizer = Tokenizer.read(TokenizerFixtures.folder(name))) {
            for (JsonNode expected : TokenizerFixtures.cases(name).path("texts")) {
                String text = expected.path("text").asText();
                int[] ids = TokenizerFixtures.ids(expected.path("ids"));
                assertThat(tokenizer.encode(text)).as(text).isEqualTo(ids);
                assertThat(tokenizer.encode(text, false))
                        .as(text)
                        .isEqualTo(TokenizerFixtures.ids(expected.path("bare")));
                assertThat(tokenizer.decode(ids, false))
                        .isEqualTo(expected.path("decoded").asText());
            }
        }
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void decodesWithoutSpecialTokens(String name) {
        try (Tokenizer tokenizer = Tokenizer.read(TokenizerFixtures.folder(name))) {
            for (JsonNode expected : TokenizerFixtures.cases(name).path("streams")) {
                int[] ids = TokenizerFixtures.ids(expected.path("ids"));
                assertThat(tokenizer.decode(ids, true)).isEqualTo(expected.path("text").asText());
            }
        }
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void knowsItsSpecialTokens(String name) {
        JsonNode cases = TokenizerFixtures.cases(name);
        try (Tokenizer tokenizer = Tokenizer.read(TokenizerFixtures.folder(name))) {
            assertThat(tokenizer.vocabularySize()).isEqualTo(cases.path("size").asInt());
            assertThat(tokenizer.beginId()).isEqualTo(id(cases.path("bos")));
            assertThat(tokenizer.endId()).isEqualTo(id(cases.path("eos")));
            assertThat(tokenizer.paddingId()).isEqualTo(id(cases.path("pad")));
            assertThat(tokenizer.idOf("no such token")).isEmpty();
        }
    }

    @Test
    void repeatsTheImageToken() {
        try (Tokenizer tokenizer = Tokenizer.read(TokenizerFixtures.folder("llama_like"))) {
            int image = tokenizer.idOf("<image>").orElseThrow();
            int[] ids = tokenizer.encode("<image>".repeat(576), false);
            assertThat(ids).hasSize(576).containsOnly(image);
        }
    }

    @Test
    void survivesWhatHasNoPlaceInUtf8() {
        try (Tokenizer tokenizer = Tokenizer.read(TokenizerFixtures.folder("qwen_like"))) {
            assertThat(tokenizer.encode("a\ud83d b")).isEqualTo(tokenizer.encode("a\ufffd b"));
            int beyond = tokenizer.vocabularySize() + 5;
            assertThat(tokenizer.decode(new int[] {beyond}, true)).isEmpty();
            assertThatThrownBy(() -> tokenizer.decode(List.of(-1), true))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void namesAFolderWithoutTokenizer(@TempDir Path folder) {
        assertRefused(folder, "TOKENIZER_MISSING");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "[]",
                "{\"model\": {\"vocab\": {}}}",
                "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [\"b c\"]}}"
            })
    void namesADamagedFile(String json, @TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), json);
        assertRefused(folder, "TOKENIZER_INVALID");
    }

    private static void assertRefused(Path folder, String reason) {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> Tokenizer.read(folder))
                .satisfies(failure -> {
                    assertThat(failure.reason()).isEqualTo(reason);
                    assertThat(failure).hasMessageContaining(folder.toString());
                });
    }

    private static OptionalInt id(JsonNode id) {
        return id.isInt() ? OptionalInt.of(id.intValue()) : OptionalInt.empty();
    }
}
