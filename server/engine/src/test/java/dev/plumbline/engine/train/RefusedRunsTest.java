package dev.plumbline.engine.train;

import static dev.plumbline.engine.train.TrainingFixture.lora;
import static dev.plumbline.engine.train.TrainingFixture.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.train.BatchSettings.Passes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands in a run's way is named, and nothing is written. */
class RefusedRunsTest {
    private static final Path OTHER = Path.of("src/test/resources/llava/full-untied-f32-old");

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

    private void refused(
            String reason, TrainingSpec spec, List<PreferenceExample> rows, String... said) {
        Path folder = output.resolve("run");
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> fixture.run(spec, rows, folder, Cancellation.none()))
                .withMessageContainingAll(said)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
        assertThat(folder).doesNotExist();
    }

    private void refused(String reason, TrainingSpec spec, String... said) {
        refused(reason, spec, fixture.rows, said);
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> fixture.trainer().plan(spec, fixture.rows))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @Test
    void unknownLossesOptionsAndTargets() {
        refused("LOSS_NOT_FOUND", spec("kto"), "no loss named kto", "[plackett-luce, dpo, mdpo]");
        refused(
                "UNKNOWN_OPTION",
                spec("dpo", Map.of("gamma", "1"), lora(), 0),
                "option gamma",
                "dpo.beta");
        refused(
                "UNKNOWN_OPTION",
                spec("dpo", Map.of("plackett-luce.beta", "1"), lora(), 0),
                "option plackett-luce.beta");
        refused(
                "OPTION_OUT_OF_RANGE",
                spec("dpo", Map.of("dpo.beta", "-1"), lora(), 0),
                "option beta of dpo");
        refused(
                "TARGET_NOT_FOUND",
                spec("dpo", Map.of(), lora("q_proj", "qkv_proj"), 0),
                "no layer qkv_proj",
                "q_proj");
    }

    @Test
    void anAdapterOfAnotherModel() {
        LoraSettings start =
                new LoraSettings(Optional.of(OTHER.resolve("adapter")), 4, 8, List.of());
        refused("ADAPTER_MISMATCH", spec("dpo", Map.of(), start, 0), "made for another model");
    }

    @ParameterizedTest
    @ValueSource(strings = {"raw", "pool"})
    void weightsOfAProposalThatThereWasNot(String weighting) {
        TrainingSpec spec = spec("plackett-luce", Map.of("weighting", weighting), lora(), 0);
        String line = fixture.rows.getFirst().place().toString();
        refused("SAMPLING_UNSUITABLE", spec, fixture.mined("greedy", 40), line, "sampling greedy");
        refused(
                "SAMPLING_UNSUITABLE",
                spec,
                fixture.mined("with_replacement", 0),
                line,
                "weighting=" + weighting);
        assertThat(
                        fixture.trainer()
                                .plan(spec, fixture.mined("without_replacement", 40))
                                .problems())
                .isEmpty();
    }

    @Test
    void rowsWithoutNegatives() {
        String line = fixture.rows.get(1).place().toString();
        refused(
                "NEGATIVES_MISSING",
                spec("dpo + plackett-luce"),
                fixture.withoutNegatives(1),
                line,
                "which plackett-luce needs");
        assertThat(fixture.trainer().plan(spec("dpo"), fixture.withoutNegatives(1)).problems())
                .isEmpty();
    }

    @Test
    void aPictureThatCannotBeReadIsNamedWithItsRow() throws IOException {
        Path broken = Files.writeString(output.resolve("broken.png"), "no picture");
        PreferenceExample row = fixture.rows.get(2);
        PreferenceExample bad =
                new PreferenceExample(
                        row.place(),
                        broken,
                        row.prompt(),
                        row.chosen(),
                        row.rejected(),
                        row.mining(),
                        row.fields());
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() ->
                        fixture.run(
                                spec("dpo"),
                                List.of(bad),
                                output.resolve("run"),
                                Cancellation.none()))
                .withMessageContainingAll(row.place().toString(), "broken.png")
                .satisfies(e -> assertThat(e.metadata()).containsEntry("line", "3"));
    }

    @Test
    void aPlanSaysWhatARunTakesAndWhatIsWrong() {
        Plan plan = fixture.trainer().plan(spec("plackett-luce"), fixture.rows);
        assertThat(plan.problems()).isEmpty();
        assertThat(plan.rows()).isEqualTo(4);
        assertThat(plan.steps()).isEqualTo(4);
        assertThat(plan.passes()).isEqualTo(Passes.RECOMPUTE);
        assertThat(plan.imageTokensPerImage()).isEqualTo(4);
        assertThat(plan.longestSequence()).isGreaterThan(10);
        // Rank 2 on two layers: q and o 48 to 48, k and v 48 to 24, three of 48 and 80.
        long layer = 2L * (2 * (48 + 48) + 2 * (48 + 24) + 3 * (48 + 80));
        assertThat(plan.trainableParameters()).isEqualTo(2 * layer);
        assertThat(plan.peakMemoryBytes()).isGreaterThan(plan.trainableParameters() * 4);
        Plan bad = fixture.trainer().plan(spec("plackett-luce"), fixture.withoutNegatives(3));
        assertThat(bad.problems())
                .singleElement()
                .satisfies(problem ->
                        assertThat(problem).contains(fixture.rows.get(3).place().toString()));
    }
}
