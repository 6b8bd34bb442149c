package dev.plumbline.eval.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChairTest {
    @TempDir Path folder;

    @BeforeEach
    void write() throws IOException {
        write(
                "synonyms.txt",
                "person, man, woman\nbicycle, bike\ndog\ncup, mug\ntraffic light\n\nlight\n");
        write("captions.jsonl", "{\"image\": \"1.jpg\", \"text\": \"Describe.\"}\n");
        write("objects.json", "{\"1.jpg\": [\"person\", \"bike\"], \"2.jpg\": {\"objects\": []}}");
    }

    @Test
    void aCaptionWithoutWrongObjects() {
        Scorecard card = score("A man on a bike, and another man.");

        assertThat(values(card)).containsEntry("chair_s", 0.0).containsEntry("chair_i", 0.0);
        assertThat(values(card)).containsEntry("recall", 1.0).containsEntry("words", 8.0);
    }

    @Test
    void aCaptionWithAWrongObject() throws IOException {
        write("objects.json", "{\"1.jpg\": {\"objects\": [\"person\", \"cup\"]}}");

        Scorecard card = score("A man, a dog and a cup.");

        assertThat(values(card)).containsEntry("chair_s", 1.0).containsEntry("recall", 1.0);
        assertThat(values(card)).containsEntry("chair_i", 0.3333333333333333);
    }

    @Test
    void anObjectCountsOnceHoweverItIsNamed() {
        Scorecard card = score("A mug, a cup, a MUG; a woman and a man.");

        assertThat(card.counts().sums()).containsExactly(1, 1, 2, 1, 2, 11);
    }

    @Test
    void longerNamesComeFirstAndPositionsAreTheTexts() {
        String text = "A Traffic Light, dogs, a dog.";

        assertThat(set().synonyms().mentions(text))
                .containsExactly(new Mention(2, 15, "traffic light"), new Mention(25, 28, "dog"));
    }

    @Test
    void captionsWithoutObjectsLeaveChairIUndefined() {
        Map<String, Figure> figures = score("").figures();

        assertThat(figures.get("chair_i"))
                .isEqualTo(new Figure.Undefined("no caption names an object"));
        assertThat(figures.get("chair_s")).isEqualTo(new Figure.Measured(0));
        assertThat(figures.get("words")).isEqualTo(new Figure.Measured(0));
    }

    @Test
    void namesThePictureWithoutTruth() throws IOException {
        write("captions.jsonl", "{\"image\": \"3.jpg\", \"text\": \"Describe.\"}\n");

        EvaluationException failure = catchThrowableOfType(EvaluationException.class, this::set);

        assertThat(failure.reason()).isEqualTo("TRUE_OBJECTS_INVALID");
        assertThat(failure.metadata()).containsEntry("field", "3.jpg");
        assertThat(failure).hasMessageContaining("objects.json").hasMessageContaining("3.jpg");
    }

    @Test
    void namesThePictureWhoseTruthIsNotAList() throws IOException {
        for (String value : new String[] {"\"dog\"", "{}", "[1]", "null"}) {
            write("objects.json", "{\"1.jpg\": " + value + "}");

            assertThat(catchThrowableOfType(EvaluationException.class, this::set).metadata())
                    .containsEntry("field", "1.jpg");
        }
    }

    @Test
    void refusesAMissingOrEmptySynonymsFile() throws IOException {
        write("synonyms.txt", "\n , \n");
        assertThat(catchThrowableOfType(EvaluationException.class, this::set).reason())
                .isEqualTo("SYNONYMS_EMPTY");

        Files.delete(folder.resolve("synonyms.txt"));
        assertThat(catchThrowableOfType(EvaluationException.class, this::set))
                .hasMessageContaining("synonyms.txt");
    }

    @Test
    void tellsWhichTrueObjectsNoWordNames() throws IOException {
        write("objects.json", "{\"1.jpg\": [\"person\", \"unicorn\"]}");

        assertThat(set().unknownObjects()).containsExactly("unicorn");
    }

    @Test
    void readsTheDemosTestSplit() {
        ChairSet set = ChairSet.read(Path.of("../demo/data/test"), null, null);

        assertThat(set.questions()).hasSize(600);
        assertThat(set.unknownObjects()).isEmpty();
    }

    private static Map<String, Double> values(Scorecard card) {
        Map<String, Double> values = new java.util.LinkedHashMap<>();
        card.figures().forEach((name, figure) -> values.put(name, figure.orNaN()));
        return values;
    }

    private Scorecard score(String caption) {
        return ChairScorer.score(set(), question -> caption);
    }

    private ChairSet set() {
        return ChairSet.read(folder, null, null);
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }
}
