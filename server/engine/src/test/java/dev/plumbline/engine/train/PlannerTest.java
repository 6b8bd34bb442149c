package dev.plumbline.engine.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceRows;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.score.AnswerBatch;
import dev.plumbline.engine.train.BatchSettings.Order;
import dev.plumbline.engine.train.BatchSettings.Passes;
import dev.plumbline.engine.train.OptimizerSettings.Schedule;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlannerTest {
    private static final Path MODEL = Path.of("src/test/resources/llava/grouped-tied-f32/model");
    private static final List<PreferenceExample> ROWS =
            PreferenceRows.read(Path.of("src/test/resources/training/rows.jsonl"));

    /**
     * Two answers of 40 tokens after 610 of a prompt and its picture; one more on each negative.
     */
    private static final AnswerBatch.Size ALONE = new AnswerBatch.Size(1, 650, 40, 576);

    private static final AnswerBatch.Size SHARED = new AnswerBatch.Size(1, 690, 80, 576);

    @TempDir static Path cache;

    private static TestRuntime runtime;
    private static LoadedModel model;

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

    @Test
    void twoAnswersOnOnePictureAreCheaperRecomputed() {
        StepWork work = new StepWork(85e6, 12);
        assertThat(work.recompute(List.of(SHARED), false))
                .isLessThan(work.unitWeight(Collections.nCopies(2, ALONE), false));
    }

    @Test
    void severalPicturesAreCheaperByUnitWeight() {
        StepWork work = new StepWork(85e6, 12);
        List<AnswerBatch.Size> batches = List.of(SHARED, ALONE, ALONE, ALONE);
        List<AnswerBatch.Size> single = Collections.nCopies(5, ALONE);
        assertThat(work.unitWeight(single, false)).isLessThan(work.recompute(batches, false));
        assertThat(work.unitWeight(single, true)).isGreaterThan(work.unitWeight(single, false));
    }

    @Test
    void shortSequencesOfASmallModelAreCheaperTogether() {
        StepWork work = new StepWork(1.2e6, 4);
        AnswerBatch.Size together = new AnswerBatch.Size(12, 40, 240, 192);
        List<AnswerBatch.Size> single =
                Collections.nCopies(12, new AnswerBatch.Size(1, 40, 20, 16));
        assertThat(work.recompute(List.of(together), false))
                .isLessThan(work.unitWeight(single, false));
    }

    @Test
    void checkpointsAndSmallerBatchesTakeLessMemory() {
        LoraParameters parameters = LoraParameters.of(model, TrainingFixture.lora(), 0);
        TrainingMemory memory = new TrainingMemory(model, parameters);
        List<AnswerBatch.Size> large = List.of(new AnswerBatch.Size(4, 250, 80, 16));
        List<AnswerBatch.Size> small = List.of(new AnswerBatch.Size(1, 250, 20, 4));
        assertThat(memory.recompute(large, small, true))
                .isLessThan(memory.recompute(large, small, false));
        assertThat(memory.recompute(small, small, false))
                .isLessThan(memory.recompute(large, small, false));
        assertThat(memory.unitWeight(small, 9, false))
                .isGreaterThan(memory.unitWeight(small, 2, false));
    }

    @Test
    void whatIsAskedForIsNotOverruledAndAPlanAlwaysChooses() {
        Trainer trainer = new Trainer(model, Losses.SHIPPED);
        for (Passes passes : Passes.values()) {
            Plan plan = trainer.plan(spec(passes), ROWS);
            assertThat(plan.problems()).isEmpty();
            // A tiny model has memory enough, and starting operators costs it most.
            assertThat(plan.checkpointed()).isFalse();
            assertThat(plan.passes()).isEqualTo(passes == Passes.AUTO ? Passes.RECOMPUTE : passes);
        }
    }

    private static TrainingSpec spec(Passes passes) {
        return new TrainingSpec(
                LossSpec.parse("plackett-luce + dpo", Map.of()),
                new LoraSettings(Optional.empty(), 2, 4, List.of()),
                new OptimizerSettings(1e-3, 0, Schedule.CONSTANT, 1, 0),
                new BatchSettings(2, 1, 0, Order.AS_IS, passes, 0),
                0);
    }

    @Test
    void aRunThatFitsInNoWaySaysSo() {
        var loss = LossSpec.parse("plackett-luce + dpo", Map.of());
        try (var losses = LossTerms.compile(loss, Losses.SHIPPED, runtime.runtime())) {
            Plan roomy = Planner.plan(model, spec(Passes.AUTO), losses, ROWS, Long.MAX_VALUE / 2);
            assertThat(roomy.problems()).isEmpty();
            Plan tight = Planner.plan(model, spec(Passes.AUTO), losses, ROWS, 1000);
            assertThat(tight.problems())
                    .singleElement()
                    .asString()
                    .contains("of memory on top of the model", "micro_batch");
            assertThat(tight.peakMemoryBytes()).isLessThanOrEqualTo(roomy.peakMemoryBytes());
        }
    }
}
