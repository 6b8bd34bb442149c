package dev.plumbline.engine.train;

import static dev.plumbline.engine.train.TrainingFixture.lora;
import static dev.plumbline.engine.train.TrainingFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.checkpoint.PeftAdapter;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.train.BatchSettings.Order;
import dev.plumbline.engine.train.BatchSettings.Passes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs from their settings to the files that they leave. */
class TrainerTest {
    private static final String ADAPTER = "adapter_model.safetensors";
    private static final String BOTH = "plackett-luce + 1.0 * dpo";

    @TempDir static Path cache;

    private static TrainingFixture fixture;

    @TempDir Path output;

    @BeforeAll
    static void load() {
        fixture = new TrainingFixture(cache);
    }

    @AfterAll
    static void close() {
        fixture.close();
    }

    @Test
    void aRunLeavesAnAdapterAndALineAStep() throws IOException {
        List<StepMetrics> steps = fixture.run(spec(BOTH), output);
        assertThat(steps).hasSize(4);
        List<JsonNode> lines = metrics();
        assertThat(lines).hasSize(4);
        for (int i = 0; i < lines.size(); i++) {
            assertThat(lines.get(i).fieldNames())
                    .toIterable()
                    .containsExactly(
                            "step",
                            "loss",
                            "image_loss",
                            "text_loss",
                            "grad_norm",
                            "learning_rate",
                            "chosen_logps",
                            "rejected_logps",
                            "margins",
                            "ess",
                            "weight_variance",
                            "seconds",
                            "policy_ess",
                            "policy_weight_variance",
                            "chosen_rewards",
                            "rejected_rewards",
                            "accuracies",
                            "image_accuracies",
                            "tokens_per_second",
                            "memory_bytes",
                            "seconds_left",
                            "reference_passes",
                            "reference_hits",
                            "alarms");
            assertThat(lines.get(i).get("step").asInt()).isEqualTo(i + 1);
            assertThat(lines.get(i).get("loss").asDouble()).isEqualTo(steps.get(i).loss());
            assertThat(steps.get(i).loss())
                    .isEqualTo(steps.get(i).imageLoss() + steps.get(i).textLoss());
        }
        // B starts at zero: the policy is the reference, computed in batches.
        assertThat(steps.getFirst().margins()).isCloseTo(0, within(1e-5));
        assertThat(steps.getFirst().textLoss()).isCloseTo(Math.log(2), within(1e-5));
        assertThat(steps.getLast().textLoss()).isLessThan(steps.getFirst().textLoss());
        assertThat(PeftAdapter.read(output).targets())
                .containsExactlyInAnyOrder(
                        "q_proj",
                        "k_proj",
                        "v_proj",
                        "o_proj",
                        "gate_proj",
                        "up_proj",
                        "down_proj");
    }

    private List<JsonNode> metrics() throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(output.resolve("metrics.jsonl"))) {
            lines.add(new ObjectMapper().readTree(line));
        }
        return lines;
    }

    @Test
    void withoutNegativesTheirFiguresAreNull() throws IOException {
        List<PreferenceExample> rows = fixture.withoutNegatives(0).subList(0, 1);
        fixture.run(spec("dpo"), rows, output, Cancellation.none());
        for (JsonNode line : metrics()) {
            assertThat(line.get("ess").isNull()).isTrue();
            assertThat(line.get("weight_variance").isNull()).isTrue();
            assertThat(line.get("image_loss").asDouble()).isZero();
        }
    }

    @Test
    void theSameSeedGivesTheSameBytes() throws IOException {
        TrainingSpec spec = spec(BOTH, Map.of(), lora("q_proj", "down_proj"), 7);
        byte[] first = adapter("first", spec);
        assertThat(adapter("second", spec)).isEqualTo(first);
        TrainingSpec other = spec(BOTH, Map.of(), lora("q_proj", "down_proj"), 8);
        assertThat(adapter("other", other)).isNotEqualTo(first);
    }

    private byte[] adapter(String name, TrainingSpec spec) throws IOException {
        fixture.run(spec, output.resolve(name));
        return Files.readAllBytes(output.resolve(name).resolve(ADAPTER));
    }

    @Test
    void cancelledBeforeAStepNothingIsTrained() {
        Cancellation cancellation = new Cancellation();
        cancellation.cancel();
        cancelled(spec(BOTH), fixture.rows, cancellation, new TrainingFixture.Steps());
        assertThat(output.resolve("metrics.jsonl")).isEmptyFile();
    }

    @Test
    void cancelledWithinAStepTheStepIsNotFinished() throws IOException {
        Cancellation cancellation = new Cancellation();
        TrainingFixture.Steps steps = new TrainingFixture.Steps();
        // Cancels when the second step takes its first row, so before its first micro-batch.
        List<PreferenceExample> rows =
                new AbstractList<>() {
                    @Override
                    public PreferenceExample get(int index) {
                        if (steps.steps.size() == 1) {
                            cancellation.cancel();
                        }
                        return fixture.rows.get(index);
                    }

                    @Override
                    public int size() {
                        return fixture.rows.size();
                    }
                };
        cancelled(spec(BOTH), rows, cancellation, steps);
        assertThat(steps.steps).hasSize(1);
        assertThat(metrics()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void cancelledAfterAMicroBatchTheNextIsNotRun(Passes passes) {
        Cancellation cancellation = new Cancellation();
        List<Long> done = new ArrayList<>();
        TrainingListener listener =
                new TrainingFixture.Steps() {
                    @Override
                    public void phase(String name, long doneNow, long total) {
                        done.add(doneNow);
                        cancellation.cancel();
                    }
                };
        TrainingSpec plain = spec(BOTH);
        BatchSettings one = new BatchSettings(4, 1, 0, Order.AS_IS, passes, 1);
        TrainingSpec spec = new TrainingSpec(plain.loss(), plain.lora(), plain.optimizer(), one, 0);
        cancelled(spec, fixture.rows, cancellation, listener);
        assertThat(done).containsExactly(1L);
    }

    private void cancelled(
            TrainingSpec spec,
            List<PreferenceExample> rows,
            Cancellation cancellation,
            TrainingListener listener) {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> fixture.trainer().run(spec, rows, output, listener, cancellation))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
        assertThat(output.resolve(ADAPTER)).doesNotExist();
        assertThat(output.resolve("adapter_config.json")).doesNotExist();
    }

    @Test
    void aLossThatIsNotFiniteStopsTheRun() {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() ->
                        fixture.run(
                                spec("1e300 * dpo + 1e308 * dpo + 1e308 * dpo + 1e308 * dpo"),
                                output))
                .withMessageContaining("steps 1, 2, 3")
                .satisfies(e -> assertThat(e.reason()).isEqualTo("LOSS_NOT_FINITE"));
        assertThat(output.resolve(ADAPTER)).doesNotExist();
    }
}
