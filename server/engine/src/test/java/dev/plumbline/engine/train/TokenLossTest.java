package dev.plumbline.engine.train;

import static dev.plumbline.engine.train.TrainingParityTest.byInput;
import static dev.plumbline.engine.train.TrainingParityTest.distance;
import static dev.plumbline.engine.train.TrainingParityTest.norm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.checkpoint.ModuleChoice;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceRows;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.expr.RowLogps;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.train.BatchSettings.Order;
import dev.plumbline.engine.train.BatchSettings.Passes;
import dev.plumbline.engine.train.OptimizerSettings.Schedule;
import dev.plumbline.spi.Expression;
import dev.plumbline.spi.Options;
import dev.plumbline.spi.PreferenceLoss;
import dev.plumbline.spi.PreferenceRow;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A loss that reads tokens and the KL, through a model, against torch (resources/losses). */
class TokenLossTest {
    private static final Path FIXTURE = Path.of("src/test/resources/losses");
    private static final Path TRAINING = Path.of("src/test/resources/training");
    private static final Path MODEL = Path.of("src/test/resources/llava/grouped-tied-f32/model");

    @TempDir static Path cache;

    private static TestRuntime runtime;
    private static LoadedModel model;
    private static JsonNode golden;
    private static List<PreferenceExample> rows;

    @BeforeAll
    static void load() throws IOException {
        runtime = new TestRuntime();
        model = LoadedModel.load(MODEL, cache, runtime.runtime());
        golden = new ObjectMapper().readTree(FIXTURE.resolve("chip.json").toFile());
        rows = PreferenceRows.read(TRAINING.resolve("rows.jsonl"));
    }

    @AfterAll
    static void close() {
        model.close();
        runtime.close();
    }

    @ParameterizedTest
    @CsvSource({"0, false", "0, true", "1, false", "2, true"})
    void lossAndGradientsAreTorchs(int microBatch, boolean checkpointed) {
        LoraParameters parameters = LoraParameters.of(model, lora(), 0);
        TrainingStep.Outcome outcome =
                outcome(chip(), Losses.SHIPPED, parameters, microBatch, checkpointed);
        for (int i = 0; i < rows.size(); i++) {
            JsonNode row = golden.at("/rows/" + i);
            double loss = row.get("loss").asDouble();
            LossTerms.RowLoss ours = outcome.losses().get(i);
            assertThat(ours.image() + ours.text()).isCloseTo(loss, within(1e-4 * loss));
            assertTokens(outcome.rows().get(i).chosenTokens(), row, "chosen");
            assertTokens(outcome.rows().get(i).rejectedTokens(), row, "rejected");
        }
        Map<String, float[]> theirs = byInput(FIXTURE.resolve("chip-gradients.safetensors"));
        assertThat(parameters.inputNames()).hasSameElementsAs(theirs.keySet());
        for (int i = 0; i < parameters.inputNames().size(); i++) {
            String name = parameters.inputNames().get(i);
            float[] expected = Objects.requireNonNull(theirs.get(name));
            assertThat(distance(outcome.gradients().get(i), expected))
                    .as(name)
                    .isLessThan(1e-3 * norm(expected));
        }
    }

    private static void assertTokens(RowLogps.Tokens ours, JsonNode row, String answer) {
        JsonNode kl = row.get(answer + "_kl");
        JsonNode changed = row.get(answer + "_changed");
        assertThat(ours.kl()).hasSize(kl.size());
        assertThat(ours.policy()).hasSize(kl.size());
        assertThat(ours.reference()).hasSize(kl.size());
        for (int i = 0; i < kl.size(); i++) {
            assertThat(ours.kl()[i]).isCloseTo(kl.get(i).asDouble(), within(1e-4));
            assertThat(ours.changed()[i]).isEqualTo(changed.get(i).asDouble());
        }
    }

    /** Nothing of it is held constant, so that its slope is its gradient. */
    private record Drift() implements PreferenceLoss {
        @Override
        public String name() {
            return "drift";
        }

        @Override
        public Expression loss(PreferenceRow row, Options options) {
            Expression kl = row.rejectedTokens().kl();
            Expression likely = row.chosenTokens().logps().exp();
            return kl.times(kl).sum().minus(likely.sum());
        }
    }

    /** Dropout is the same in both passes, and the reference drops nothing. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.3})
    void theGradientIsTheSlope(double dropout) {
        Losses catalog = new Losses(List.of(new Drift()));
        LossSpec spec = LossSpec.parse("drift", Map.of());
        LoraParameters parameters = LoraParameters.of(model, lora(dropout), 17);
        List<float[]> gradients = outcome(spec, catalog, parameters, 0, false).gradients();
        double length = Math.sqrt(gradients.stream().mapToDouble(g -> Math.pow(norm(g), 2)).sum());
        double step = 2e-3;
        double[] losses = new double[2];
        for (int side = 0; side < 2; side++) {
            LoraParameters moved = LoraParameters.of(model, lora(dropout), 17);
            double by = (2 * side - 1) * step / length;
            for (int i = 0; i < gradients.size(); i++) {
                for (int j = 0; j < gradients.get(i).length; j++) {
                    moved.values().get(i)[j] += (float) (by * gradients.get(i)[j]);
                }
            }
            moved.feed();
            losses[side] =
                    outcome(spec, catalog, moved, 0, false).losses().stream()
                                    .mapToDouble(loss -> loss.image() + loss.text())
                                    .sum()
                            / rows.size();
        }
        assertThat((losses[1] - losses[0]) / (2 * step)).isCloseTo(length, within(0.01 * length));
    }

    private static TrainingStep.Outcome outcome(
            LossSpec spec,
            Losses catalog,
            LoraParameters parameters,
            int microBatch,
            boolean checkpointed) {
        try (LossTerms losses = LossTerms.compile(spec, catalog, runtime.runtime())) {
            TrainingStep step =
                    TrainingSteps.of(model, losses, parameters, microBatch, checkpointed);
            List<Integer> indices = IntStream.range(0, rows.size()).boxed().toList();
            return step.run(Passes.RECOMPUTE, rows, indices, rows.size(), Cancellation.none());
        }
    }

    @Test
    void unitWeightPassesAreRefused() {
        assertThatThrownBy(() -> plan(Passes.UNIT_WEIGHT, "chip"))
                .isInstanceOfSatisfying(
                        PlumblineException.class,
                        e -> assertThat(e.reason()).isEqualTo("PASSES_UNSUITABLE"))
                .hasMessageContaining("chip reads single tokens")
                .hasMessageContaining("recompute or auto");
    }

    @Test
    void aPlanRecomputesAndSaysThatTheReferenceIsRun() {
        Plan plan = plan(Passes.AUTO, "chip");
        assertThat(plan.passes()).isEqualTo(Passes.RECOMPUTE);
        assertThat(plan.liveReference()).isTrue();
        assertThat(plan.problems()).isEmpty();
        Plan other = plan(Passes.RECOMPUTE, "dpo");
        assertThat(other.liveReference()).isFalse();
        assertThat(plan.peakMemoryBytes()).isGreaterThan(other.peakMemoryBytes());
    }

    private static Plan plan(Passes passes, String loss) {
        TrainingSpec spec =
                new TrainingSpec(
                        LossSpec.parse(loss, Map.of()),
                        lora(),
                        new OptimizerSettings(1e-2, 0.1, Schedule.COSINE, 1, 0),
                        new BatchSettings(2, 2, 0, Order.SHUFFLED, passes, 0),
                        0);
        return new Trainer(model, Losses.SHIPPED).plan(spec, rows);
    }

    private static LossSpec chip() {
        Map<String, String> options = new HashMap<>();
        golden.get("options")
                .properties()
                .forEach(o -> options.put("chip." + o.getKey(), o.getValue().asText()));
        return LossSpec.parse("chip", options);
    }

    private static LoraSettings lora() {
        return lora(0);
    }

    private static LoraSettings lora(double dropout) {
        return new LoraSettings(
                Optional.of(TRAINING.resolve("adapter")),
                LoraShape.of(4, 8),
                ModuleChoice.NONE,
                ModuleChoice.NONE,
                dropout);
    }
}
