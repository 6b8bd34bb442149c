package dev.plumbline.eval.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PopeReaderTest {
    private static final String LINE =
            "{\"question_id\": 7, \"image\": \"1.jpg\", \"text\": \"Is there a kettle in the image?\", \"label\": \"no\"}";

    @TempDir Path folder;

    @Test
    void readsJsonLinesUnderEitherName() throws IOException {
        Path file =
                write(
                        "coco_pope_popular.json",
                        "\uFEFF" + LINE + "\r\n\n" + LINE.replace("\"no\"", "\"yes\""));

        PopeSet set = PopeReader.read(file).getFirst();

        assertThat(set.setting()).isEqualTo("popular");
        assertThat(set.items())
                .containsExactly(
                        new PopeItem(
                                7, new Question("1.jpg", "Is there a kettle in the image?"), false),
                        new PopeItem(
                                7, new Question("1.jpg", "Is there a kettle in the image?"), true));
    }

    @Test
    void readsAnArray() throws IOException {
        Path file = write("aokvqa_pope_seem_random.json", "[\n" + LINE + ",\n" + LINE + "]");

        PopeSet set = PopeReader.read(file).getFirst();

        assertThat(set.setting()).isEqualTo("random");
        assertThat(set.items()).hasSize(2);
    }

    @Test
    void readsTheSettingsOfAFolderInOrder() throws IOException {
        write("pope_popular.jsonl", LINE);
        write("coco_pope_random.json", LINE);
        write("notes.jsonl", "not a question");

        assertThat(PopeReader.read(folder))
                .extracting(PopeSet::setting)
                .containsExactly("random", "popular");
    }

    @Test
    void refusesAFolderThatIsEmptyOrAmbiguous() throws IOException {
        assertThat(failure(folder).reason()).isEqualTo("POPE_FOLDER_EMPTY");

        write("pope_random.jsonl", LINE);
        write("coco_pope_random.json", LINE);

        assertThat(failure(folder).reason()).isEqualTo("POPE_FOLDER_AMBIGUOUS");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"image\": \"1.jpg\", \"text\": \"?\"}|label",
                "{\"image\": \"1.jpg\", \"text\": \"?\", \"label\": \"No\"}|label",
                "{\"image\": \"1.jpg\", \"text\": \"?\", \"label\": \"maybe\"}|label",
                "{\"image\": \"1.jpg\", \"text\": \" \", \"label\": \"no\"}|text",
                "{\"image\": 3, \"text\": \"?\", \"label\": \"no\"}|image",
                "{\"text\": \"?\", \"label\": \"no\"}|image",
                "{\"question_id\": 1.5, \"image\": \"1.jpg\", \"text\": \"?\", \"label\": \"no\"}|question_id",
                "[1]|``",
                "{\"image\": |``",
                "{} {}|``",
            })
    void namesFileLineAndFieldOfABadRecord(String record, String field) throws IOException {
        Path file = write("pope_random.jsonl", LINE + "\n\n" + record + "\n");

        EvaluationException failure = failure(file);

        assertThat(failure.code()).isEqualTo(EvaluationException.Code.INVALID_ARGUMENT);
        assertThat(failure.metadata())
                .containsEntry("file", file.toString())
                .containsEntry("line", "3")
                .containsEntry("field", field);
        assertThat(failure).hasMessageContaining(file + " line 3").hasMessageContaining(field);
    }

    @Test
    void namesTheLineOfABadRecordInAnArray() throws IOException {
        Path file = write("pope_random.json", "[\n" + LINE + ",\n{\"image\": \"2.jpg\"}\n]");

        assertThat(failure(file).metadata())
                .containsEntry("line", "3")
                .containsEntry("field", "text");
    }

    @Test
    void refusesFilesThatHoldNothingOrAreNotText() throws IOException {
        assertThat(failure(write("empty.jsonl", "\n")).reason()).isEqualTo("BENCHMARK_EMPTY");
        assertThat(failure(write("empty.json", "[]")).reason()).isEqualTo("BENCHMARK_EMPTY");
        assertThat(failure(write("cut.json", "[" + LINE)).reason())
                .isEqualTo("BENCHMARK_RECORD_INVALID");
        assertThat(failure(folder.resolve("absent.jsonl")).code())
                .isEqualTo(EvaluationException.Code.NOT_FOUND);
        Path latin = Files.write(folder.resolve("latin.jsonl"), new byte[] {(byte) 0xE9, '\n'});
        assertThat(failure(latin).reason()).isEqualTo("BENCHMARK_FILE_NOT_UTF8");
    }

    @Test
    void readsTheDemosTestSplit() {
        Path split = Path.of("../demo/data/test");

        assertThat(PopeReader.read(split))
                .hasSize(3)
                .allSatisfy(set -> assertThat(set.items()).hasSize(1536));
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static EvaluationException failure(Path path) {
        return catchThrowableOfType(EvaluationException.class, () -> PopeReader.read(path));
    }
}
