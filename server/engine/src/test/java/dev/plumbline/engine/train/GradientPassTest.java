package dev.plumbline.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceRows;
import dev.plumbline.engine.expr.LossInput;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.score.AnswerBatch;
import dev.plumbline.engine.score.AnswerSequence;
import dev.plumbline.engine.score.Scorer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What saves work or memory changes no number: rows that are shared, activations made again. */
class GradientPassTest {
    private static final Path FIXTURE = Path.of("src/test/resources/training");
    private static final Path MODEL = Path.of("src/test/resources/llava/grouped-tied-f32/model");

    @TempDir static Path cache;

    private static TestRuntime runtime;
    private static LoadedModel model;
    private static LoraParameters parameters;
    private static List<AnswerSequence> sequences;

    @BeforeAll
    static void load() {
        runtime = new TestRuntime();
        model = LoadedModel.load(MODEL, cache, runtime.runtime());
        LoraSettings lora =
                new LoraSettings(Optional.of(FIXTURE.resolve("adapter")), 4, 8, List.of());
        parameters = LoraParameters.of(model, lora, 0);
        RowSequences rows = new RowSequences(model, Set.of(LossInput.NEGATIVES));
        List<PreferenceExample> examples = PreferenceRows.read(FIXTURE.resolve("rows.jsonl"));
        sequences =
                examples.stream()
                        .flatMap(row -> rows.of(row, Cancellation.none()).stream())
                        .toList();
    }

    @AfterAll
    static void close() {
        model.close();
        runtime.close();
    }

    @Test
    void someOfTheFixturesAnswersShareARow() {
        assertThat(AnswerBatch.of(sequences, model.facts().hiddenSize(), model.rotary()).inputs())
                .extractingByKey("input_ids")
                .satisfies(ids -> assertThat(ids.shape().get(0)).isLessThan(sequences.size()));
    }

    @Test
    void logProbabilitiesAreThoseOfARowOfTheirOwn() {
        Scorer scorer = new Scorer(model);
        List<List<Double>> together =
                scorer.tokenLogps(sequences, parameters.tensors(), Cancellation.none());
        for (int i = 0; i < sequences.size(); i++) {
            List<Double> alone =
                    scorer.tokenLogps(
                                    List.of(sequences.get(i)),
                                    parameters.tensors(),
                                    Cancellation.none())
                            .getFirst();
            assertThat(together.get(i)).hasSameSizeAs(alone);
            for (int token = 0; token < alone.size(); token++) {
                assertThat(together.get(i).get(token)).isCloseTo(alone.get(token), within(1e-5));
            }
        }
    }

    @Test
    void gradientsAreTheSumOfThoseOfRowsOfTheirOwn() {
        GradientPass pass = new GradientPass(model, parameters, false, false);
        List<AnswerGradient> weights =
                IntStream.range(0, sequences.size())
                        .mapToObj(i -> AnswerGradient.of(1 - 0.3 * i))
                        .toList();
        List<float[]> together = pass.zeros();
        pass.accumulate(sequences, weights, together, Cancellation.none());
        List<float[]> alone = pass.zeros();
        for (int i = 0; i < weights.size(); i++) {
            List<AnswerGradient> weight = weights.subList(i, i + 1);
            pass.accumulate(List.of(sequences.get(i)), weight, alone, Cancellation.none());
        }
        for (int i = 0; i < together.size(); i++) {
            double difference = 0;
            double size = 0;
            for (int j = 0; j < together.get(i).length; j++) {
                difference += Math.pow(together.get(i)[j] - alone.get(i)[j], 2);
                size += Math.pow(alone.get(i)[j], 2);
            }
            assertThat(Math.sqrt(difference))
                    .as(parameters.inputNames().get(i))
                    .isLessThan(1e-5 * Math.sqrt(size));
        }
    }

    @Test
    void checkpointingChangesNoBitOfAGradient() {
        List<AnswerGradient> weights = Collections.nCopies(sequences.size(), AnswerGradient.of(1));
        List<List<float[]>> results = new ArrayList<>();
        for (boolean checkpointed : List.of(false, true)) {
            GradientPass pass = new GradientPass(model, parameters, checkpointed, false);
            List<float[]> gradients = pass.zeros();
            pass.accumulate(sequences, weights, gradients, Cancellation.none());
            results.add(gradients);
        }
        assertThat(results.getFirst()).isNotEmpty();
        for (int i = 0; i < results.getFirst().size(); i++) {
            assertThat(results.getLast().get(i)).containsExactly(results.getFirst().get(i));
        }
    }
}
