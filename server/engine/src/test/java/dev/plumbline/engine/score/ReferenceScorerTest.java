package dev.plumbline.engine.score;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.checkpoint.LoadProgress;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.model.ImageFeatures;
import dev.plumbline.engine.model.LoadOptions;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.tensor.Precision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferenceScorerTest {
    private static final Path MODEL = Path.of("src/test/resources/llava/grouped-tied-f32/model");

    @TempDir static Path cache;

    private static TestRuntime runtime;
    private static LoadedModel model;

    @TempDir Path folder;

    @BeforeAll
    static void load() {
        runtime = new TestRuntime();
        model = LoadedModel.load(MODEL, cache, runtime.runtime());
    }

    @AfterAll
    static void close() {
        model.close();
        runtime.close();
    }

    private ReferenceStore store() {
        return ReferenceStore.open(folder, 1 << 20, warning -> {});
    }

    private static Picture picture(int shade) {
        byte[] rgb = new byte[3 * 20 * 20];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (i * shade);
        }
        return new Picture(20, 20, rgb);
    }

    private static AnswerSequence sequence(Picture picture, String answer) {
        var grid = List.of(model.features().grid(picture));
        return new AnswerSequence(
                model.prompts().encodeAnswer("What is there?", answer, grid),
                List.of(model.features().of(picture, Cancellation.none())),
                List.of(ImageFeatures.digest(picture)));
    }

    private static List<AnswerSequence> sequences() {
        List<AnswerSequence> all = new ArrayList<>();
        for (int shade = 1; shade < 4; shade++) {
            for (String answer : List.of("A cat.", "There are two dogs and a very red ball.")) {
                all.add(sequence(picture(shade), answer));
            }
        }
        return all;
    }

    @Test
    void whatIsKeptIsWhatIsComputed() {
        List<AnswerSequence> sequences = sequences();
        ReferenceScorer without = new ReferenceScorer(model, Optional.empty());
        List<List<Double>> computed = without.tokenLogps(sequences, Cancellation.none());
        assertThat(without.passes()).isEqualTo(6);
        try (ReferenceStore store = store()) {
            ReferenceScorer cold = new ReferenceScorer(model, Optional.of(store));
            assertThat(cold.tokenLogps(sequences, Cancellation.none())).isEqualTo(computed);
            assertThat(cold.passes()).isEqualTo(6);
            assertThat(cold.hits()).isZero();
        }
        try (ReferenceStore store = store()) {
            ReferenceScorer warm = new ReferenceScorer(model, Optional.of(store));
            // In another order, and so with other neighbors.
            assertThat(warm.tokenLogps(sequences.reversed(), Cancellation.none()))
                    .isEqualTo(computed.reversed());
            assertThat(warm.passes()).isZero();
            assertThat(warm.hits()).isEqualTo(6);
        }
    }

    @Test
    void scoreReadsAndFillsTheSame() {
        try (ReferenceStore store = store()) {
            Scorer scorer = new Scorer(model, Optional.of(store));
            List<Picture> pictures = List.of(picture(1), picture(2), picture(3));
            List<AnswerScore> scores = score(scorer, "A cat.", pictures);
            assertThat(store.size()).isEqualTo(3);
            ReferenceScorer reference = new ReferenceScorer(model, Optional.of(store));
            assertThat(
                            reference.tokenLogps(
                                    List.of(sequence(picture(2), "A cat.")), Cancellation.none()))
                    .containsExactly(scores.get(1).tokenLogprobs());
            assertThat(reference.hits()).isEqualTo(1);
            assertThat(score(scorer, "A cat.", pictures)).isEqualTo(scores);
            assertThat(score(scorer, "A dog.", List.of(picture(1)))).doesNotContain(scores.get(0));
            assertThat(score(scorer, "A cat.", List.of())).hasSize(1);
            assertThat(store.size()).isEqualTo(5);
        }
    }

    private static List<AnswerScore> score(Scorer scorer, String answer, List<Picture> pictures) {
        return scorer.score(
                "What is there?", answer, pictures, Optional.empty(), Cancellation.none());
    }

    @Test
    void picturesWithoutADigestAreNotKept() {
        AnswerSequence known = sequence(picture(1), "A cat.");
        AnswerSequence unknown = new AnswerSequence(known.answer(), known.features());
        try (ReferenceStore store = store()) {
            ReferenceScorer scorer = new ReferenceScorer(model, Optional.of(store));
            scorer.tokenLogps(List.of(unknown, unknown), Cancellation.none());
            assertThat(scorer.passes()).isEqualTo(2);
            assertThat(store.size()).isZero();
        }
    }

    @Test
    void anotherPrecisionHasAnotherFolder() {
        LoadOptions options = new LoadOptions(Precision.INT8, 0, LoadProgress.NONE);
        try (LoadedModel rounded = LoadedModel.load(MODEL, cache, runtime.runtime(), options)) {
            assertThat(ReferenceFolder.of(folder, rounded))
                    .isNotEqualTo(ReferenceFolder.of(folder, model));
        }
        assertThat(ReferenceFolder.of(folder, model))
                .isEqualTo(ReferenceFolder.of(folder, model))
                .hasParentRaw(folder);
    }
}
