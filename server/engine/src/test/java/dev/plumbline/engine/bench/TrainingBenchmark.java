package dev.plumbline.engine.bench;

import dev.plumbline.engine.bench.Figures.Moment;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.train.BatchSettings;
import dev.plumbline.engine.train.LoraSettings;
import dev.plumbline.engine.train.LossSpec;
import dev.plumbline.engine.train.OptimizerSettings;
import dev.plumbline.engine.train.StepMetrics;
import dev.plumbline.engine.train.Trainer;
import dev.plumbline.engine.train.TrainingListener;
import dev.plumbline.engine.train.TrainingSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Steps of one row each, every row with pictures of its own: a step sees the pictures, the
 * reference, the policy, the gradients and the update.
 */
record TrainingBenchmark(LoadedModel model, Path work, BenchmarkOptions options, Figures figures) {
    void run() throws IOException {
        List<PreferenceExample> rows =
                new NoiseRows(work, options.number("side"), options.number("negatives"))
                        .write(options.number("warm-steps") + options.number("repeats"));
        for (String name : options.passes().split(",", -1)) {
            String constant = name.toUpperCase(Locale.ROOT).replace('-', '_');
            steps(rows, name, BatchSettings.Passes.valueOf(constant));
        }
    }

    private void steps(List<PreferenceExample> rows, String name, BatchSettings.Passes passes) {
        int rank = options.number("rank");
        TrainingSpec spec =
                new TrainingSpec(
                        LossSpec.parse("plackett-luce + 1.0 * dpo", Map.of()),
                        new LoraSettings(Optional.empty(), rank, 2 * rank, List.of()),
                        new OptimizerSettings(1e-3, 0, OptimizerSettings.Schedule.CONSTANT, 1, 0),
                        new BatchSettings(
                                1,
                                1,
                                0,
                                BatchSettings.Order.AS_IS,
                                passes,
                                options.number("micro-batch")),
                        0);
        new Trainer(model, new ShippedLosses())
                .run(
                        spec,
                        rows,
                        work.resolve("adapter-" + name),
                        listener("training step, " + name),
                        Cancellation.none());
    }

    /** Notes every step but the first ones, from the end of the one before to its own. */
    private TrainingListener listener(String name) {
        return new TrainingListener() {
            private Moment before = Moment.now();
            private int done;

            @Override
            public void phase(String phase, long part, long total) {}

            @Override
            public void step(StepMetrics metrics) {
                Moment now = Moment.now();
                if (done++ >= options.number("warm-steps")) {
                    figures.add(name, before, now, 1);
                }
                before = now;
            }
        };
    }
}
