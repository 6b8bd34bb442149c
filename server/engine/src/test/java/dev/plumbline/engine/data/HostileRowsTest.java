package dev.plumbline.engine.data;

import static dev.plumbline.engine.data.DataFormatsTest.DATA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.plumbline.engine.data.PreferenceData.Source;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every bad row is named, and spoils no other; what is too long for a model is its matter. */
class HostileRowsTest {
    @TempDir Path cache;

    @TempDir Path folder;

    private PreferenceData read(Path file) {
        return PreferenceData.read(Source.of(file), cache);
    }

    private void verdicts(String name, Tuple... verdicts) {
        SkippedRows skipped = read(DATA.resolve(name)).unusable().summary();
        assertThat(skipped.first())
                .extracting(
                        UnusableRow::row,
                        UnusableRow::field,
                        UnusableRow::reason,
                        row -> row.message().replaceFirst("^.*? (line|row) \\d+: ", ""))
                .containsExactly(verdicts);
        assertThat(skipped.total()).isEqualTo(verdicts.length);
    }

    @Test
    void ofLines() {
        verdicts(
                "hostile.jsonl",
                tuple("line 2", "image", "IMAGE_NOT_FOUND", gone()),
                tuple("line 3", "image", "IMAGE_TOO_LARGE", tooLarge(DATA + "/images/bomb.png")),
                tuple("line 4", "chosen", "ROW_INVALID", "chosen is not a text but of type number"),
                tuple("line 5", "rejected", "ROW_INVALID", "rejected is empty"),
                tuple("line 6", "chosen", "ROW_INVALID", "chosen stands twice in the row"),
                tuple(
                        "line 7",
                        "rejected",
                        "ROW_INVALID",
                        "rejected is not UTF-8 text: byte 85 of the row"),
                tuple(
                        "line 9",
                        "row",
                        "ROW_INVALID",
                        "row is not JSON: Unexpected end-of-input: was expecting closing quote for a string value"));
        List<PreferenceExample> rows = read(DATA.resolve("hostile.jsonl")).rows();
        assertThat(rows).extracting(row -> row.place().line()).containsExactly(1, 8, 10);
        assertThat(rows.get(1).chosen()).hasSize(50_000);
        assertThat(rows.get(2).prompt()).isEqualTo("The last?");
    }

    @Test
    void ofAnArray() {
        verdicts(
                "hostile.json",
                tuple("row 1", "image", "IMAGE_NOT_FOUND", gone()),
                tuple("row 2", "image", "IMAGE_TOO_LARGE", tooLarge(DATA + "/images/bomb.png")),
                tuple("row 3", "chosen", "ROW_INVALID", "chosen is not a text but of type number"),
                tuple("row 4", "rejected", "ROW_INVALID", "rejected is empty"),
                tuple("row 5", "chosen", "ROW_INVALID", "chosen stands twice in the row"),
                tuple(
                        "row 6",
                        "rejected",
                        "ROW_INVALID",
                        "rejected is not UTF-8 text: byte 85 of the row"));
    }

    @Test
    void ofParquet() {
        verdicts(
                "hostile.parquet",
                tuple("row 1", "image", "IMAGE_NOT_FOUND", gone()),
                tuple("row 2", "image", "IMAGE_TOO_LARGE", tooLarge("the picture")),
                tuple("row 3", "chosen", "ROW_INVALID", "chosen is missing"),
                tuple("row 4", "chosen", "ROW_INVALID", "chosen is empty"),
                tuple("row 6", "rejected", "ROW_INVALID", "rejected is not UTF-8 text"),
                tuple(
                        "row 7",
                        "image",
                        "IMAGE_FORMAT_UNSUPPORTED",
                        "image: the picture is a GIF, which is not supported; convert it to JPEG or PNG"),
                tuple("row 8", "image", "ROW_INVALID", "image is missing"));
        assertThat(read(DATA.resolve("hostile.parquet")).rows())
                .extracting(row -> row.place().line())
                .containsExactly(0, 5, 9);
    }

    private static String gone() {
        return "the image " + DATA + "/images/gone.png does not exist";
    }

    private static String tooLarge(String name) {
        return "image: %s says it has 40000 x 25000 pixels, more than the 100000000 allowed; scale it down"
                .formatted(name);
    }

    @Test
    void stopRefusesWithTheFirst() {
        PreferenceData data = read(DATA.resolve("hostile.jsonl"));
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> data.under(BadRowPolicy.STOP))
                .withMessageContainingAll(
                        "hostile.jsonl line 2", "gone.png", "7 of 10 rows", "on_bad_row skip")
                .satisfies(e -> {
                    assertThat(e.reason()).isEqualTo("IMAGE_NOT_FOUND");
                    assertThat(e.metadata())
                            .containsEntry("line", "2")
                            .containsEntry("row_field", "image")
                            .containsEntry("field", "data");
                });
        assertThat(data.under(BadRowPolicy.SKIP).rows()).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource({
        "2, image, IMAGE_NOT_FOUND",
        "3, image, IMAGE_TOO_LARGE",
        "4, chosen, ROW_INVALID",
        "5, rejected, ROW_INVALID",
        "6, chosen, ROW_INVALID",
        "7, rejected, ROW_INVALID",
        "9, row, ROW_INVALID",
    })
    void eachOneStops(int line, String field, String reason) throws IOException {
        // As Latin-1 a character is a byte.
        List<String> lines =
                Files.readAllLines(DATA.resolve("hostile.jsonl"), StandardCharsets.ISO_8859_1);
        Path file = folder.resolve("rows.jsonl");
        Files.write(
                file, List.of(lines.getFirst(), lines.get(line - 1)), StandardCharsets.ISO_8859_1);
        var source = new Source(file, Optional.empty(), Optional.of(DATA));
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> PreferenceData.read(source, cache).under(BadRowPolicy.STOP))
                .withMessageContainingAll(file + " line 2: ", "1 of 2 rows cannot be used")
                .satisfies(e -> {
                    assertThat(e.reason()).isEqualTo(reason);
                    assertThat(e.metadata()).containsEntry("row_field", field);
                });
        assertThat(PreferenceData.read(source, cache).under(BadRowPolicy.SKIP).rows()).hasSize(1);
    }

    @Test
    void manyAreCountedAndTheFirstTold() throws IOException {
        String good = Files.readString(DATA.resolve("plumbline.jsonl"));
        String lines = good + "{}\n".repeat(50) + good;
        Path file = Files.writeString(folder.resolve("rows.jsonl"), lines);
        Files.createDirectory(folder.resolve("images"));
        for (String name : List.of("red.png", "green.jpg", "blue.png")) {
            Files.copy(DATA.resolve("images").resolve(name), folder.resolve("images/" + name));
        }
        PreferenceData data = read(file);
        assertThat(data.rows()).hasSize(6);
        UnusableRow late = new UnusableRow("f", "line 99", "chosen", "PROMPT_TOO_LONG", "long");
        UnusableRows unusable = data.unusable().plus(List.of(late));
        assertThat(unusable.summary().total()).isEqualTo(51);
        assertThat(unusable.summary().first()).hasSize(20);
        Path all = folder.resolve("out/skipped.jsonl");
        unusable.write(all);
        unusable.write(all);
        assertThat(Files.readAllLines(all))
                .hasSize(51)
                .first()
                .isEqualTo(
                        "{\"file\":\"%s\",\"row\":\"line 4\",\"field\":\"image\",\"reason\":\"ROW_INVALID\",\"message\":\"%s line 4: image is missing\"}"
                                .formatted(file, file));
        assertThat(Files.readAllLines(all).getLast()).contains("PROMPT_TOO_LONG");
    }

    @Test
    void anArrayThatBreaksOffKeepsWhatWasWhole() throws IOException {
        String whole = Files.readString(DATA.resolve("trl-text.jsonl")).lines().findFirst().get();
        String row = whole.replace("images/", DATA + "/images/");
        Path file = Files.writeString(folder.resolve("rows.json"), "[" + row + ", " + row);
        PreferenceData data = read(file);
        assertThat(data.rows()).hasSize(1);
        assertThat(data.unusable().summary().first().getFirst().message())
                .isEqualTo(file + " row 1: row is the last one: the file ends within its array");
    }
}
