package dev.plumbline.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class StreamDecoderTest {
    static final List<String> NAMES = TokenizerFixtures.NAMES;

    @ParameterizedTest
    @FieldSource("NAMES")
    void piecesAddUpToTheWholeText(String name) {
        try (Tokenizer tokenizer = Tokenizer.read(TokenizerFixtures.folder(name))) {
            for (JsonNode expected : TokenizerFixtures.cases(name).path("streams")) {
                List<String> pieces =
                        pieces(tokenizer, TokenizerFixtures.ids(expected.path("ids")));
                assertThat(String.join("", pieces)).isEqualTo(expected.path("text").asText());
            }
        }
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void noPieceSplitsACharacter(String name) {
        String text = "a 😀 日本語 é b";
        try (Tokenizer tokenizer = Tokenizer.read(TokenizerFixtures.folder(name))) {
            int[] ids = tokenizer.encode(text, false);
            List<String> pieces = pieces(tokenizer, ids);
            assertThat(ids).hasSizeGreaterThan(pieces.size());
            assertThat(String.join("", pieces)).isEqualTo(text);
            assertThat(pieces).noneMatch(piece -> piece.contains("\ufffd"));
            for (String piece : pieces) {
                assertThat(Character.isLowSurrogate(piece.charAt(0))).isFalse();
                assertThat(Character.isHighSurrogate(piece.charAt(piece.length() - 1))).isFalse();
            }
        }
    }

    @Test
    void givesTextWithEveryToken() {
        try (Tokenizer tokenizer = Tokenizer.read(TokenizerFixtures.folder("llama_like"))) {
            int[] ids =
                    tokenizer.encode("There is a dog on the left and a ball at the top.", false);
            assertThat(pieces(tokenizer, ids)).hasSameSizeAs(ids);
        }
    }

    /** Those that are not empty. */
    private static List<String> pieces(Tokenizer tokenizer, int[] ids) {
        StreamDecoder decoder = new StreamDecoder(tokenizer);
        List<String> pieces = new ArrayList<>();
        for (int id : ids) {
            pieces.add(decoder.push(id));
        }
        pieces.add(decoder.finish());
        pieces.removeIf(String::isEmpty);
        return pieces;
    }
}
