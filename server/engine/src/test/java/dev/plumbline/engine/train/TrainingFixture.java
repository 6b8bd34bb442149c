package dev.plumbline.engine.train;

import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceExample.Mining;
import dev.plumbline.engine.data.PreferenceRows;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.train.BatchSettings.Order;
import dev.plumbline.engine.train.BatchSettings.Passes;
import dev.plumbline.engine.train.OptimizerSettings.Schedule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A tiny model with rows, to train. */
final class TrainingFixture implements AutoCloseable {
    private static final Path MODEL = Path.of("src/test/resources/llava/grouped-tied-f32/model");

    private final TestRuntime runtime = new TestRuntime();
    private final LoadedModel model;
    final List<PreferenceExample> rows =
            PreferenceRows.read(Path.of("src/test/resources/training/rows.jsonl"));

    TrainingFixture(Path cache) {
        model = LoadedModel.load(MODEL, cache, runtime.runtime());
    }

    LoadedModel model() {
        return model;
    }

    Trainer trainer() {
        return new Trainer(model, Losses.SHIPPED);
    }

    static LoraSettings lora(String... targets) {
        return new LoraSettings(Optional.empty(), 2, 4, List.of(targets));
    }

    /** Two epochs of two steps. */
    static TrainingSpec spec(
            String loss, Map<String, String> options, LoraSettings lora, long seed) {
        return new TrainingSpec(
                LossSpec.parse(loss, options),
                lora,
                new OptimizerSettings(1e-2, 0.1, Schedule.COSINE, 1, 0),
                new BatchSettings(2, 2, 0, Order.SHUFFLED, Passes.RECOMPUTE, 0),
                seed);
    }

    static TrainingSpec spec(String loss) {
        return spec(loss, Map.of(), lora(), 0);
    }

    List<StepMetrics> run(TrainingSpec spec, Path output) {
        return run(spec, rows, output, Cancellation.none());
    }

    List<StepMetrics> run(
            TrainingSpec spec,
            List<PreferenceExample> examples,
            Path output,
            Cancellation cancellation) {
        Steps steps = new Steps();
        trainer().run(spec, examples, output, steps, cancellation);
        return steps.steps;
    }

    /** The rows as if their negatives had been drawn otherwise. */
    List<PreferenceExample> mined(String sampling, int poolSize) {
        return rows.stream()
                .map(row -> row.with(new Mining(row.negatives(), sampling, poolSize, Double.NaN)))
                .toList();
    }

    /** The rows, one of them without negatives. */
    List<PreferenceExample> withoutNegatives(int index) {
        List<PreferenceExample> some = new ArrayList<>(rows);
        some.set(index, some.get(index).with(Mining.NONE));
        return some;
    }

    @Override
    public void close() {
        model.close();
        runtime.close();
    }

    /** Keeps what it is told. */
    static class Steps implements TrainingListener {
        final List<StepMetrics> steps = new ArrayList<>();

        @Override
        public void phase(String name, long done, long total) {}

        @Override
        public void step(StepMetrics metrics) {
            steps.add(metrics);
        }
    }
}
