package dev.plumbline.engine.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.data.PreferenceExample.Mining;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreferenceRowsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What every row here starts with. */
    private static final String ROW =
            "{'image': 'images/a.png', 'prompt': 'What?', 'chosen': 'A cat.', 'rejected': 'A dog.'";

    private static final String NEGATIVE = "{'image': 'images/b.png', 'score': 0.5, 'log_q': -2";

    @TempDir Path folder;

    @BeforeEach
    void makeImages() throws IOException {
        Files.createDirectories(folder.resolve("images"));
        for (String name : List.of("a.png", "b.png", "c.png")) {
            Files.writeString(folder.resolve("images").resolve(name), "not read");
        }
    }

    private Path file(String... lines) throws IOException {
        Path file = folder.resolve("rows.jsonl");
        return Files.writeString(file, String.join("\n", lines).replace('\'', '"'));
    }

    @Test
    void pathsAreRelativeToTheFile() throws IOException {
        Path file = file(ROW + "}", "", ROW.replace("'prompt'", "'question'") + "}");
        List<PreferenceExample> rows = PreferenceRows.read(file);
        assertThat(rows).hasSize(2);
        PreferenceExample row = rows.getFirst();
        assertThat(row.image()).isEqualTo(folder.resolve("images/a.png").toAbsolutePath());
        assertThat(row.prompt()).isEqualTo("What?");
        assertThat(row.chosen()).isEqualTo("A cat.");
        assertThat(row.rejected()).isEqualTo("A dog.");
        assertThat(row.mining()).isEqualTo(Mining.NONE);
        assertThat(rows.get(1).prompt()).isEqualTo("What?");
        assertThat(rows.get(1).place()).hasToString(file + " line 3");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[`images/b.png`] | negative_images[0].image",
                "[{`image`: `images/b.png`}, {`image`: 3}] | negative_images[1].image",
                "[{`image`: `images/b.png`, `log_weight`: `x`}] | negative_images[0].log_weight",
            })
    void aNegativeThatCannotBeUsedIsNamed(String negatives, String field) throws IOException {
        Path file = file(ROW + ", 'negative_images': " + negatives.replace('`', '"') + "}");
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> PreferenceRows.read(file))
                .satisfies(e -> assertThat(e.metadata()).containsEntry("row_field", field))
                .withMessageContaining(field);
    }

    @Test
    void negativesAreReadWithHowTheyWereDrawn() throws IOException {
        String drawn =
                NEGATIVE + ", 'log_weight': 1.5, 'selector': 'sae', 'selector_version': '2'}";
        Path file =
                file(
                        ROW
                                + ", 'negative_images': ["
                                + drawn
                                + "], 'sampling': 'with_replacement',"
                                + " 'pool_size': 40, 'temperature': 0.7}");
        Mining mining = PreferenceRows.read(file).getFirst().mining();
        assertThat(mining.sampling()).isEqualTo("with_replacement");
        assertThat(mining.poolSize()).isEqualTo(40);
        assertThat(mining.temperature()).isEqualTo(0.7);
        assertThat(mining.negatives())
                .containsExactly(
                        new NegativeImage(
                                folder.resolve("images/b.png").toAbsolutePath(),
                                0.5,
                                -2,
                                1.5,
                                "sae",
                                "2",
                                NegativeImage.Details.NONE));
    }

    @Test
    void greedyRowsNeedNoWeight() throws IOException {
        Path file = file(ROW + ", 'negative_images': [" + NEGATIVE + "}]}");
        PreferenceExample row = PreferenceRows.read(file).getFirst();
        assertThat(row.mining().sampling()).isEqualTo("greedy");
        assertThat(row.negatives().getFirst().logWeight()).isZero();
    }

    @Test
    void greedyRowsHaveNoWeight() throws IOException {
        String negatives = ", 'negative_images': [" + NEGATIVE + ", 'log_weight': 1.5}]";
        refused(file(ROW + negatives + "}"), "ROW_INVALID", 1, "log_weight is 1.5", "greedy");
    }

    @ParameterizedTest
    @ValueSource(strings = {"with_replacement", "without_replacement"})
    void drawnRowsDo(String sampling) throws IOException {
        String negatives = ", 'negative_images': [" + NEGATIVE + "}], 'sampling': '" + sampling;
        refused(file(ROW + negatives + "'}"), "ROW_INVALID", 1, "log_weight is missing", sampling);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '~',
            value = {
                "{'image'; row is not JSON",
                "[1, 2]; row is not a JSON object",
                "{} {}; row is not JSON",
                "{'image': 'images/a.png', 'chosen': 'x', 'rejected': 'y'}; question is missing",
                "{'image': 'images/a.png', 'prompt': 'x', 'rejected': 'y'}; chosen is missing",
                "{'image': 'images/a.png', 'prompt': 'x', 'chosen': 'y'}; rejected is missing",
                "{'image': 'images/a.png', 'prompt': 7, 'chosen': 'y'}; prompt is not a text but of type number",
                "{'image': 'images/a.png', 'prompt': ' '}; prompt is empty",
                "{'prompt': 'x', 'chosen': 'y', 'rejected': 'z'}; image is missing",
                "{'image': 'a\\u0000.png', 'prompt': 'x'}; image is not a path",
            })
    void whatIsWrongIsNamedWithItsLine(String line, String said) throws IOException {
        refused(file(ROW + "}", line), "ROW_INVALID", 2, said);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '~',
            value = {
                "'negative_images': 'b.png'; negative_images is not a list",
                "'negative_images': {'image': 'images/b.png'}; negative_images is not a list",
                "'negative_images': ['images/b.png']; image is missing",
                "'negative_images': [{'image': 'images/b.png'}], 'sampling': 'lucky'; 'lucky', not one of",
                "'negative_images': [{'image': 'images/b.png', 'log_weight': 1e999}]; log_weight is not a finite",
            })
    void whatIsWrongWithNegativesIsNamed(String fields, String said) throws IOException {
        refused(file(ROW + ", " + fields + "}"), "ROW_INVALID", 1, said);
    }

    @Test
    void missingImagesAreNamed() throws IOException {
        String gone = folder.resolve("images/gone.png").toString();
        refused(file(ROW.replace("a.png", "gone.png") + "}"), "IMAGE_NOT_FOUND", 1, gone);
        String negatives = ", 'negative_images': [{'image': 'images/gone.png'}]}";
        PlumblineException e = refused(file(ROW + negatives), "IMAGE_NOT_FOUND", 1, gone);
        assertThat(e.metadata()).containsEntry("image", gone);
    }

    private static PlumblineException refused(Path file, String reason, int line, String... said) {
        PlumblineException[] thrown = new PlumblineException[1];
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> PreferenceRows.read(file))
                .withMessageContaining(file + " line " + line)
                .withMessageContainingAll(said)
                .satisfies(e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
                    assertThat(e.reason()).isEqualTo(reason);
                    assertThat(e.field()).contains("data");
                    assertThat(e.metadata()).containsEntry("line", "" + line);
                    thrown[0] = e;
                });
        return thrown[0];
    }

    @Test
    void filesThatCannotBeReadAreNamed() throws IOException {
        unreadable(folder.resolve("none.jsonl"), "does not exist");
        unreadable(folder, "cannot be read");
        unreadable(file("", " "), "has no rows");
        Path latin = folder.resolve("latin.jsonl");
        Files.write(latin, (ROW + ", 'x': 'é'}").getBytes(StandardCharsets.ISO_8859_1));
        unreadable(latin, "is not UTF-8 text");
    }

    private static void unreadable(Path file, String said) {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> PreferenceRows.read(file))
                .withMessageContainingAll("the data file " + file, said)
                .satisfies(e -> {
                    assertThat(e.reason()).isEqualTo("DATA_NOT_FOUND");
                    assertThat(e.metadata()).containsEntry("file", file.toString());
                });
    }

    @Test
    void whatWeDoNotKnowIsKept() throws IOException {
        String negative = NEGATIVE + ", 'flags': ['near_duplicate'], 'rank': 3}";
        Path file = file(ROW + ", 'source': {'id': 7}, 'negative_images': [" + negative + "]}");
        JsonNode written = rewritten(PreferenceRows.read(file));
        assertThat(written.at("/source/id").asInt()).isEqualTo(7);
        assertThat(written.at("/negative_images/0/rank").asInt()).isEqualTo(3);
        assertThat(written.at("/negative_images/0/flags/0").asText()).isEqualTo("near_duplicate");
        assertThat(written.get("image").asText())
                .isEqualTo(folder.resolve("images/a.png").toAbsolutePath().toString());
    }

    @Test
    void minedRowsAreReadBack() throws IOException {
        Path image = folder.resolve("images/c.png");
        Mining mining =
                new Mining(
                        List.of(
                                new NegativeImage(
                                        image,
                                        2,
                                        -3.5,
                                        2.25,
                                        "random",
                                        "1",
                                        NegativeImage.Details.NONE)),
                        "without_replacement",
                        30,
                        Double.NaN);
        PreferenceExample row = PreferenceRows.read(file(ROW + ", 'temperature': 9}")).getFirst();
        JsonNode written = rewritten(List.of(row.with(mining)));
        assertThat(written.has("temperature")).isFalse();
        assertThat(written.at("/negative_images/0/flags").isArray()).isTrue();
        PreferenceExample read =
                PreferenceRows.read(folder.resolve("elsewhere/out.jsonl")).getFirst();
        assertThat(read.mining()).isEqualTo(mining);
        assertThat(read.image()).isEqualTo(row.image());
    }

    private JsonNode rewritten(List<PreferenceExample> rows) throws IOException {
        Path out = folder.resolve("elsewhere/out.jsonl");
        PreferenceRowsWriter.write(out, rows);
        try (var files = Files.list(folder.resolve("elsewhere"))) {
            assertThat(files).containsExactly(out);
        }
        return JSON.readTree(Files.readString(out));
    }

    @Test
    void othersMayReadWhatIsWrittenAsTheyMayAnyFile() throws IOException {
        Path plain = Files.writeString(folder.resolve("plain"), "");
        rewritten(PreferenceRows.read(file(ROW + "}")));
        assertThat(Files.getPosixFilePermissions(folder.resolve("elsewhere/out.jsonl")))
                .isEqualTo(Files.getPosixFilePermissions(plain));
    }

    @Test
    void aFileThatCannotBeWrittenIsNamed() throws IOException {
        List<PreferenceExample> rows = PreferenceRows.read(file(ROW + "}"));
        Path blocked = folder.resolve("rows.jsonl/out.jsonl");
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> PreferenceRowsWriter.write(blocked, rows))
                .withMessageContaining(blocked.toString())
                .satisfies(e -> assertThat(e.reason()).isEqualTo("FILE_NOT_WRITABLE"));
        // A folder stands where the file should: nothing half-done is left beside it.
        Path taken = folder.resolve("taken/out.jsonl");
        Files.createDirectories(taken.resolve("full"));
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> PreferenceRowsWriter.write(taken, rows));
        try (var files = Files.list(folder.resolve("taken"))) {
            assertThat(files).containsExactly(taken);
        }
    }
}
