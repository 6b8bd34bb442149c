package dev.plumbline.eval.benchmarks;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Same answers, same figures and same intervals as the demo's evaluate.py; the fixture
 * (make_scorer_fixtures.py) holds the resamples that numpy drew.
 */
class ReferenceFiguresTest {
    private static final Path FIXTURE = Path.of("src/test/resources/scorer");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, String> NAMES =
            Map.of(
                    "CHAIR_s", "chair_s",
                    "CHAIR_i", "chair_i",
                    "accuracy", "accuracy",
                    "F1", "f1",
                    "false yes", "false_yes");

    @Test
    void figures() throws IOException {
        for (String arm : List.of("before", "after")) {
            JsonNode expected = read("expected.json").path("figures").path(arm);
            List<Scorecard> cards = cards(arm);

            assertThat(expected.size()).isEqualTo(13);
            expected.properties()
                    .forEach(figure -> {
                        double scale = scale(figure.getKey());
                        double ours =
                                card(cards, figure.getKey()).figure(name(figure.getKey())).orNaN();
                        assertThat(ours * scale)
                                .as(figure.getKey())
                                .isCloseTo(figure.getValue().doubleValue(), within(1e-10));
                    });
        }
    }

    @Test
    void intervals() throws IOException {
        for (String arm : List.of("before", "after")) {
            for (var figure : read("expected.json").path("intervals").path(arm).properties()) {
                Interval ours =
                        bootstrap()
                                .intervals(card(cards(arm), figure.getKey()))
                                .get(name(figure.getKey()));

                assertInterval(ours, figure.getKey(), figure.getValue());
            }
        }
    }

    @Test
    void pairedDifferences() throws IOException {
        for (var figure : read("expected.json").path("differences").properties()) {
            Difference ours =
                    requireNonNull(
                            bootstrap()
                                    .differences(
                                            card(cards("before"), figure.getKey()),
                                            card(cards("after"), figure.getKey()))
                                    .get(name(figure.getKey())));

            assertThat(ours.value().orNaN() * scale(figure.getKey()))
                    .as(figure.getKey())
                    .isCloseTo(figure.getValue().get(0).doubleValue(), within(1e-10));
            assertInterval(ours.interval(), figure.getKey(), figure.getValue());
        }
    }

    @Test
    void objectsInATextLikeThePythonPattern() throws IOException {
        Synonyms synonyms = Synonyms.read(FIXTURE.resolve("synonyms.txt"));
        for (var text : read("expected.json").path("objects_in").properties()) {
            List<String> expected = new ArrayList<>();
            text.getValue().forEach(object -> expected.add(object.textValue()));

            assertThat(synonyms.objectsIn(text.getKey()))
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    private static void assertInterval(
            @Nullable Interval interval, String figure, JsonNode expected) {
        double scale = scale(figure);
        Interval ours = requireNonNull(interval);
        assertThat(ours.low() * scale)
                .as(figure)
                .isCloseTo(expected.get(1).doubleValue(), within(1e-10));
        assertThat(ours.high() * scale)
                .as(figure)
                .isCloseTo(expected.get(2).doubleValue(), within(1e-10));
    }

    private static double scale(String figure) {
        return figure.equals("words") ? 1 : 100;
    }

    /** The three POPE settings, then CHAIR. */
    private static List<Scorecard> cards(String arm) throws IOException {
        JsonNode answers = read("answers.json").path(arm);
        List<PopeSet> pope = PopeReader.read(FIXTURE.resolve("split"));
        ChairSet chair = ChairSet.read(FIXTURE.resolve("split"), null, null);
        return List.of(
                PopeScorer.score(pope, question -> answer(answers, question)),
                ChairScorer.score(chair, question -> answer(answers, question)));
    }

    private static String answer(JsonNode answers, Question question) {
        return answers.path(question.text()).path(question.image()).textValue();
    }

    private static Scorecard card(List<Scorecard> cards, String figure) {
        return cards.get(figure.contains(" ") ? 0 : 1);
    }

    private static String name(String figure) {
        int space = figure.indexOf(' ');
        String metric = NAMES.getOrDefault(figure.substring(space + 1), figure);
        return space < 0 ? metric : figure.substring(0, space) + "_" + metric;
    }

    private static PairedBootstrap bootstrap() throws IOException {
        int[][] draws = JSON.readValue(FIXTURE.resolve("draws.json").toFile(), int[][].class);
        return new PairedBootstrap(pictures -> draws);
    }

    private static JsonNode read(String name) throws IOException {
        return JSON.readTree(FIXTURE.resolve(name).toFile());
    }
}
