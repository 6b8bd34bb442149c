package dev.plumbline.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.data.NegativeImage;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceExample.Mining;
import dev.plumbline.engine.data.PreferenceExample.Place;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.train.BatchSettings.Order;
import dev.plumbline.engine.train.BatchSettings.Passes;
import dev.plumbline.engine.train.OptimizerSettings.Schedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs over data that deserve an alarm, and over data that do not. */
class AlarmedRunsTest {
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

    private static TrainingSpec spec(String loss, double learningRate, int maxSteps) {
        return new TrainingSpec(
                LossSpec.parse(loss, Map.of()),
                TrainingFixture.lora(),
                new OptimizerSettings(learningRate, 0.1, Schedule.COSINE, 1, 0),
                new BatchSettings(2, 100, maxSteps, Order.SHUFFLED, Passes.RECOMPUTE, 0),
                0);
    }

    /** Rows of the fixture, again and again at other places, changed. */
    private static List<PreferenceExample> rows(
            int count, UnaryOperator<PreferenceExample> change) {
        List<PreferenceExample> base =
                fixture.rows.stream().filter(row -> row.negatives().size() == 3).toList();
        List<PreferenceExample> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            PreferenceExample row = base.get(i % base.size());
            Place place = new Place(row.place().file(), i + 1);
            rows.add(change.apply(moved(row, place)));
        }
        return rows;
    }

    private static PreferenceExample moved(PreferenceExample row, Place place) {
        return new PreferenceExample(
                place,
                row.image(),
                row.prompt(),
                row.chosen(),
                row.rejected(),
                row.mining(),
                row.fields());
    }

    private static PreferenceExample answers(
            PreferenceExample row, String chosen, String rejected) {
        return new PreferenceExample(
                row.place(),
                row.image(),
                row.prompt(),
                chosen,
                rejected,
                row.mining(),
                row.fields());
    }

    private static PreferenceExample weighted(PreferenceExample row, double... logWeights) {
        List<NegativeImage> negatives = new ArrayList<>();
        for (int i = 0; i < logWeights.length; i++) {
            NegativeImage n = row.negatives().get(i);
            negatives.add(
                    new NegativeImage(
                            n.image(),
                            n.score(),
                            n.logQ(),
                            logWeights[i],
                            n.selector(),
                            n.selectorVersion(),
                            n.details()));
        }
        return row.with(new Mining(negatives, "with_replacement", 40, 1));
    }

    private List<Alarm> alarms(TrainingSpec spec, List<PreferenceExample> rows) {
        return alarms(fixture.run(spec, rows, output, Cancellation.none()));
    }

    private static List<Alarm> alarms(List<StepMetrics> steps) {
        return steps.stream().flatMap(step -> step.details().alarms().stream()).toList();
    }

    @Test
    void answersThatAreNearlyTheSamePushTheChosenOneDown() {
        List<PreferenceExample> rows =
                rows(8, row -> answers(row, "A dog.", "A dog. A dog. A dog. A dog."));
        List<StepMetrics> steps =
                fixture.run(spec("dpo", 1e-2, 60), rows, output, Cancellation.none());
        assertThat(alarms(steps)).extracting(Alarm::name).containsExactly(Alarm.CHOSEN_LOGPS_FALL);
    }

    @Test
    void oneNegativeWithAllTheWeight() throws IOException {
        List<Alarm> alarms = alarms(spec(BOTH, 1e-3, 6), rows(12, row -> weighted(row, 0, 0, 9)));
        assertThat(alarms).extracting(Alarm::name).containsExactly(Alarm.WEIGHTS_DEGENERATE);
        JsonNode line = lines().get(alarms.getFirst().step() - 1).path("alarms").path(0);
        assertThat(line.path("name").asText()).isEqualTo("weights_degenerate");
        assertThat(line.path("message").asText()).isEqualTo(alarms.getFirst().message());
    }

    @Test
    void oneNegativeForAllRows() {
        NegativeImage only = fixture.rows.getFirst().negatives().getFirst();
        List<PreferenceExample> rows =
                rows(8, row -> row.with(new Mining(List.of(only), "greedy", 40, 1)));
        assertThat(alarms(spec(BOTH, 1e-3, 4), rows))
                .extracting(Alarm::name)
                .containsExactly(Alarm.NEGATIVES_COLLAPSE);
    }

    @Test
    void aLossThatDoesNotReadNegativesHasNoAlarmsOfThem() {
        NegativeImage only = fixture.rows.getFirst().negatives().getFirst();
        List<PreferenceExample> rows =
                rows(8, row -> row.with(new Mining(List.of(only), "greedy", 40, 1)));
        assertThat(alarms(spec("dpo", 1e-3, 4), rows)).isEmpty();
    }

    /** A weight that float32 does not hold. */
    private static List<PreferenceExample> poisoned(int count, int... lines) {
        List<Integer> bad = Arrays.stream(lines).boxed().toList();
        return rows(
                count,
                row -> bad.contains(row.place().line()) ? weighted(row, 1e39, -1e39, 0) : row);
    }

    @Test
    void aStepThatIsNotFiniteIsSkippedAndNamed() throws IOException {
        TrainingSpec spec =
                new TrainingSpec(
                        LossSpec.parse("plackett-luce", Map.of("weighting", "raw")),
                        TrainingFixture.lora(),
                        new OptimizerSettings(1e-2, 0.1, Schedule.COSINE, 1, 0),
                        new BatchSettings(2, 1, 0, Order.AS_IS, Passes.RECOMPUTE, 0),
                        0);
        List<StepMetrics> steps =
                fixture.run(spec, poisoned(8, 3), output.resolve("one"), Cancellation.none());
        assertThat(steps).hasSize(4);
        List<Alarm> alarms = alarms(steps);
        assertThat(alarms).extracting(Alarm::name).containsExactly(Alarm.NOT_FINITE);
        assertThat(alarms.getFirst().step()).isEqualTo(2);
        assertThat(alarms.getFirst().message())
                .contains("rows.jsonl line 3")
                .doesNotContain("line 4");
        assertThat(steps.getLast().loss()).isFinite();
        TrainingFixture.Steps told = new TrainingFixture.Steps();
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() ->
                        fixture.trainer()
                                .run(
                                        spec,
                                        poisoned(8, 1, 4, 6),
                                        output.resolve("three"),
                                        told,
                                        Cancellation.none()))
                .withMessageContaining("steps 1, 2, 3")
                .satisfies(e -> assertThat(e.reason()).isEqualTo("LOSS_NOT_FINITE"));
        assertThat(alarms(told.steps)).hasSize(3);
    }

    @Test
    void aRunWhoseStepsWereAllSkippedFails() {
        TrainingSpec spec = spec("plackett-luce", 1e-2, 2);
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> fixture.run(spec, poisoned(2, 1, 2), output, Cancellation.none()))
                .withMessageContainingAll("steps 1, 2", "plackett-luce", "not a finite number");
        assertThat(output.resolve("adapter_model.safetensors")).doesNotExist();
    }

    @Test
    void theFixtureIsQuiet() {
        assertThat(alarms(spec(BOTH, 1e-3, 40), rows(40, UnaryOperator.identity()))).isEmpty();
    }

    private List<JsonNode> lines() throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(output.resolve("metrics.jsonl"))) {
            lines.add(new ObjectMapper().readTree(line));
        }
        return lines;
    }
}
