package dev.plumbline.engine.train;

import static dev.plumbline.engine.train.TrainingParityTest.assertClose;
import static dev.plumbline.engine.train.TrainingParityTest.byInput;
import static dev.plumbline.engine.train.TrainingParityTest.distance;
import static dev.plumbline.engine.train.TrainingParityTest.loss;
import static dev.plumbline.engine.train.TrainingParityTest.norm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceRows;
import dev.plumbline.engine.expr.LossInput;
import dev.plumbline.engine.model.EncodedAnswer;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.train.BatchSettings.Order;
import dev.plumbline.engine.train.BatchSettings.Passes;
import dev.plumbline.engine.train.OptimizerSettings.Schedule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Loss and gradients against torch and peft where pictures take different numbers of tokens
 * (resources/qwen/training).
 */
class QwenTrainingParityTest {
    private static final Path FIXTURE = Path.of("src/test/resources/qwen/training");
    private static final String WEIGHTING = "self_normalized";

    @TempDir static Path cache;

    private static TestRuntime runtime;
    private static LoadedModel model;
    private static JsonNode golden;
    private static List<PreferenceExample> rows;

    @BeforeAll
    static void load() throws IOException {
        runtime = new TestRuntime();
        golden = new ObjectMapper().readTree(FIXTURE.resolve("golden.json").toFile());
        model =
                LoadedModel.load(
                        FIXTURE.resolve(golden.get("model").asText()), cache, runtime.runtime());
        rows = PreferenceRows.read(FIXTURE.resolve("rows.jsonl"));
    }

    @AfterAll
    static void close() {
        model.close();
        runtime.close();
    }

    @Test
    void everyPictureHasItsOwnSequence() {
        RowSequences sequences = new RowSequences(model, Set.of(LossInput.NEGATIVES));
        for (int i = 0; i < rows.size(); i++) {
            JsonNode expected = golden.at("/rows/" + i + "/sequences");
            List<EncodedAnswer> answers = sequences.encode(rows.get(i));
            assertThat(answers).hasSameSizeAs(expected);
            for (int j = 0; j < answers.size(); j++) {
                List<Integer> ids = new ArrayList<>();
                expected.get(j).get("input_ids").forEach(id -> ids.add(id.intValue()));
                assertThat(answers.get(j).sequence().ids()).isEqualTo(ids);
                assertThat(answers.get(j).answerStart())
                        .isEqualTo(expected.get(j).get("answer_start").asInt());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"RECOMPUTE, 0", "RECOMPUTE, 2", "UNIT_WEIGHT, 0"})
    void lossAndGradientsAreTorchs(Passes passes, int microBatch) {
        LoraParameters parameters = LoraParameters.of(model, lora(), 0);
        TrainingStep.Outcome outcome = outcome(rows, parameters, passes, microBatch);
        double beta = golden.get("beta").asDouble();
        BatchMetrics metrics = BatchMetrics.of(outcome, beta, beta);
        JsonNode expected = golden.at("/losses/" + WEIGHTING);
        assertClose(metrics.loss(), expected.get("loss"), 1e-4);
        assertClose(metrics.imageLoss(), expected.get("image_loss"), 1e-4);
        assertClose(metrics.textLoss(), expected.get("text_loss"), 1e-4);
        assertClose(metrics.chosenLogps(), expected.get("chosen_logps"), 1e-4);
        assertClose(metrics.rejectedLogps(), expected.get("rejected_logps"), 1e-4);
        Map<String, float[]> torch =
                byInput(FIXTURE.resolve("gradients-" + WEIGHTING + ".safetensors"));
        List<String> names = parameters.inputNames();
        assertThat(torch.keySet()).containsExactlyInAnyOrderElementsOf(names);
        for (int i = 0; i < names.size(); i++) {
            float[] gradient = Objects.requireNonNull(torch.get(names.get(i)));
            assertThat(distance(outcome.gradients().get(i), gradient) / norm(gradient))
                    .as(names.get(i))
                    .isLessThan(1e-3);
        }
    }

    @Test
    void otherNegativesMoveTheGradients() {
        LoraParameters parameters = LoraParameters.of(model, lora(), 0);
        List<float[]> own = outcome(rows, parameters, Passes.RECOMPUTE, 0).gradients();
        List<PreferenceExample> others =
                IntStream.range(0, rows.size())
                        .mapToObj(i -> rows.get(i).with(rows.get((i + 1) % rows.size()).mining()))
                        .toList();
        List<float[]> moved = outcome(others, parameters, Passes.RECOMPUTE, 0).gradients();
        for (int i = 0; i < own.size(); i++) {
            assertThat(distance(own.get(i), moved.get(i)) / norm(own.get(i))).isGreaterThan(0.01);
        }
    }

    /** The loss falls, and what is written is read; peft is asked by hand. */
    @Test
    void trainsAnAdapterThatServes(@TempDir Path output) {
        TrainingSpec spec =
                new TrainingSpec(
                        loss(WEIGHTING),
                        new LoraSettings(Optional.empty(), 4, 8, List.of()),
                        new OptimizerSettings(1e-2, 0, Schedule.CONSTANT, 1, 0),
                        new BatchSettings(3, 2, 0, Order.AS_IS, Passes.RECOMPUTE, 0),
                        0);
        TrainingFixture.Steps steps = new TrainingFixture.Steps();
        new Trainer(model, Losses.SHIPPED).run(spec, rows, output, steps, Cancellation.none());
        assertThat(steps.steps.getLast().loss()).isLessThan(steps.steps.getFirst().loss() - 0.1);
        assertThat(LoraAdapter.read(model, output).targets()).hasSize(7);
    }

    private static TrainingStep.Outcome outcome(
            List<PreferenceExample> rows, LoraParameters parameters, Passes passes, int batch) {
        try (LossTerms losses =
                LossTerms.compile(loss(WEIGHTING), Losses.SHIPPED, runtime.runtime())) {
            TrainingStep step = TrainingSteps.of(model, losses, parameters, batch, false);
            List<Integer> all = IntStream.range(0, rows.size()).boxed().toList();
            return step.run(passes, rows, all, rows.size(), Cancellation.none());
        }
    }

    private static LoraSettings lora() {
        return new LoraSettings(Optional.of(FIXTURE.resolve("adapter")), 4, 8, List.of());
    }
}
