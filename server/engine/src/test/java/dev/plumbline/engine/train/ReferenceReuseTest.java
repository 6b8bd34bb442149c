package dev.plumbline.engine.train;

import static dev.plumbline.engine.train.TrainingFixture.lora;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.score.ReferenceStore;
import dev.plumbline.engine.train.BatchSettings.Order;
import dev.plumbline.engine.train.BatchSettings.Passes;
import dev.plumbline.engine.train.OptimizerSettings.Schedule;
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
import org.junit.jupiter.params.provider.EnumSource;

/** Runs that find what earlier ones computed without the adapter. */
class ReferenceReuseTest {
    private static final String BOTH = "plackett-luce + 1.0 * dpo";

    @TempDir static Path cache;

    private static TrainingFixture fixture;

    @TempDir Path folder;

    @BeforeAll
    static void load() {
        fixture = new TrainingFixture(cache);
    }

    @AfterAll
    static void close() {
        fixture.close();
    }

    private static TrainingSpec spec(Passes passes, int batchSize, long seed) {
        return new TrainingSpec(
                LossSpec.parse(BOTH, Map.of()),
                lora(),
                new OptimizerSettings(1e-2, 0.1, Schedule.COSINE, 1, 0),
                new BatchSettings(batchSize, 2, 0, Order.SHUFFLED, passes, 0),
                seed);
    }

    private ReferenceStore store() {
        return ReferenceStore.open(folder.resolve("reference"), 1 << 20, warning -> {});
    }

    /** What a run left, and what it counted. */
    private record Ended(byte[] adapter, long passes, long hits) {}

    private Ended run(TrainingSpec spec, String name, Optional<ReferenceStore> store)
            throws IOException {
        Path output = folder.resolve(name);
        TrainingFixture.Steps steps = new TrainingFixture.Steps();
        Trainer trainer = fixture.trainer();
        trainer.run(
                spec,
                trainer.plan(spec, fixture.rows),
                fixture.rows,
                RunFiles.of(output).with(store),
                steps,
                Cancellation.none());
        return new Ended(
                Files.readAllBytes(output.resolve("adapter_model.safetensors")),
                steps.steps.stream().mapToLong(s -> s.details().references().passes()).sum(),
                steps.steps.stream().mapToLong(s -> s.details().references().hits()).sum());
    }

    private static long sequences() {
        return fixture.rows.stream().mapToLong(row -> 2 + row.negatives().size()).sum();
    }

    @ParameterizedTest
    @EnumSource(
            value = Passes.class,
            names = {"RECOMPUTE", "UNIT_WEIGHT"})
    void aSecondRunMakesNoPassAndEndsWithTheSameBytes(Passes passes) throws IOException {
        TrainingSpec spec = spec(passes, 2, 0);
        Ended alone = run(spec, "alone", Optional.empty());
        Ended cold;
        try (ReferenceStore store = store()) {
            cold = run(spec, "cold", Optional.of(store));
            assertThat(store.size()).isEqualTo((int) cold.passes());
        }
        Ended warm;
        try (ReferenceStore store = store()) {
            warm = run(spec, "warm", Optional.of(store));
        }
        assertThat(alone.passes() + alone.hits()).isEqualTo(2 * sequences());
        assertThat(cold.passes()).isPositive().isLessThanOrEqualTo(sequences());
        assertThat(cold.hits()).isEqualTo(2 * sequences() - cold.passes());
        assertThat(warm.passes()).isZero();
        assertThat(warm.hits()).isEqualTo(2 * sequences());
        assertThat(cold.adapter()).isEqualTo(alone.adapter());
        assertThat(warm.adapter()).isEqualTo(alone.adapter());
    }

    @Test
    void whatAnotherRunComputedInAnotherOrderChangesNoBit() throws IOException {
        TrainingSpec spec = spec(Passes.RECOMPUTE, 3, 5);
        Ended alone = run(spec, "alone", Optional.empty());
        try (ReferenceStore store = store()) {
            run(spec(Passes.UNIT_WEIGHT, 1, 9), "other", Optional.of(store));
            Ended warm = run(spec, "warm", Optional.of(store));
            assertThat(warm.passes()).isZero();
            assertThat(warm.adapter()).isEqualTo(alone.adapter());
        }
    }

    @Test
    void aStoreThatIsLostMeanwhileChangesNoBit() throws IOException {
        TrainingSpec spec = spec(Passes.RECOMPUTE, 2, 0);
        Ended alone = run(spec, "alone", Optional.empty());
        ReferenceStore store = store();
        store.close();
        Ended without = run(spec, "closed", Optional.of(store));
        assertThat(without.hits()).isZero();
        assertThat(without.passes()).isEqualTo(2 * sequences());
        assertThat(without.adapter()).isEqualTo(alone.adapter());
        assertThat(List.of(folder.resolve("closed/metrics.jsonl"))).allMatch(Files::exists);
    }
}
