package dev.plumbline.engine.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.data.NegativeImage;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceExample.Mining;
import dev.plumbline.engine.data.PreferenceRows;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.train.BatchSettings.Order;
import dev.plumbline.engine.train.BatchSettings.Passes;
import dev.plumbline.engine.train.OptimizerSettings.Schedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo's run, shortened: nothing is wrong with it, and no alarm sounds. */
class HealthyRunTest {
    /** More than the windows that alarms look through. */
    private static final int STEPS = 24;

    private static final Path DEMO = Path.of("../../eval-harness/demo");

    @TempDir Path folder;

    private static PreferenceExample mined(PreferenceExample row, List<Path> pool, long seed) {
        List<NegativeImage> negatives =
                new SplittableRandom(seed)
                        .ints(0, pool.size())
                        .distinct()
                        .limit(3)
                        .mapToObj(i ->
                                new NegativeImage(
                                        pool.get(i),
                                        0,
                                        -Math.log(pool.size()),
                                        Math.log(pool.size() / 3.0),
                                        "random",
                                        "1",
                                        NegativeImage.Details.NONE))
                        .toList();
        return row.with(new Mining(negatives, "with_replacement", pool.size(), 1));
    }

    private static List<PreferenceExample> rows() throws IOException {
        List<Path> pool;
        try (Stream<Path> files = Files.list(DEMO.resolve("data/pool"))) {
            pool = files.sorted().toList();
        }
        return PreferenceRows.read(DEMO.resolve("data/preferences.jsonl")).stream()
                .map(row -> mined(row, pool, row.place().line()))
                .toList();
    }

    @Test
    void theDemosRunIsQuiet() throws IOException {
        TrainingSpec spec =
                new TrainingSpec(
                        LossSpec.parse("plackett-luce + 1.0 * dpo", Map.of()),
                        new LoraSettings(Optional.empty(), 8, 16, List.of()),
                        new OptimizerSettings(1e-3, 0.03, Schedule.COSINE, 1, 0),
                        new BatchSettings(8, 1, STEPS, Order.SHUFFLED, Passes.AUTO, 0),
                        0);
        TrainingFixture.Steps told = new TrainingFixture.Steps();
        try (TestRuntime runtime = new TestRuntime();
                LoadedModel model =
                        LoadedModel.load(
                                DEMO.resolve("llava"),
                                folder.resolve("cache"),
                                runtime.runtime())) {
            new Trainer(model, Losses.SHIPPED)
                    .run(spec, rows(), folder.resolve("out"), told, Cancellation.none());
        }
        assertThat(told.steps.stream().flatMap(step -> step.details().alarms().stream())).isEmpty();
        assertThat(told.steps).hasSize(STEPS);
        assertThat(told.steps.getLast().details().rewards().accuracies()).isGreaterThan(0.5);
    }
}
