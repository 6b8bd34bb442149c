package dev.plumbline.engine.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.bench.Figures.Moment;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.train.BatchSettings;
import dev.plumbline.engine.train.BatchSettings.Passes;
import dev.plumbline.engine.train.LoraSettings;
import dev.plumbline.engine.train.LossSpec;
import dev.plumbline.engine.train.OptimizerSettings;
import dev.plumbline.engine.train.Plan;
import dev.plumbline.engine.train.RunFiles;
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
 * One whole run, its plan first. Whoever watches this process's memory is told on standard output
 * when the model is loaded, by a line of {@value #LOADED}, and has a second.
 */
record TrainingRunBenchmark(
        LoadedModel model, Path work, BenchmarkOptions options, Figures figures) {
    static final String LOADED = "LOADED";
    private static final long PAUSE_MILLIS = 1000;

    void run() throws IOException {
        List<PreferenceExample> rows =
                new NoiseRows(work, options.number("side"), options.number("negatives"))
                        .write(options.number("rows"));
        Passes passes = Passes.valueOf(options.passes().toUpperCase(Locale.ROOT).replace('-', '_'));
        tellLoaded();
        Moment start = Moment.now();
        try (TrainingParts parts = TrainingParts.ofThisThread()) {
            Trainer trainer = new Trainer(model, new ShippedLosses());
            TrainingSpec spec = spec(passes);
            Plan plan = trainer.plan(spec, rows);
            describe(plan);
            RunFiles files = RunFiles.of(work.resolve("adapter"));
            trainer.run(spec, plan, rows, files, new StepTimes(), Cancellation.none());
            figures.add("run", start, Moment.now(), 1);
            parts.describe(figures.report().withObject("/parts"));
        }
    }

    private static void tellLoaded() {
        System.gc();
        System.out.println(LOADED);
        System.out.flush();
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private TrainingSpec spec(Passes passes) {
        int rank = options.number("rank");
        return new TrainingSpec(
                LossSpec.parse(ShippedLosses.PAPER, Map.of()),
                new LoraSettings(Optional.empty(), rank, 2 * rank, List.of()),
                new OptimizerSettings(1e-4, 0, OptimizerSettings.Schedule.CONSTANT, 1, 0),
                new BatchSettings(
                        options.number("row-batch"),
                        options.number("epochs"),
                        0,
                        BatchSettings.Order.AS_IS,
                        passes,
                        options.number("micro-batch")),
                0);
    }

    private void describe(Plan plan) {
        ObjectNode planned = figures.report().withObject("/plan");
        planned.put("peak_memory_bytes", plan.peakMemoryBytes())
                .put("passes", plan.passes().name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .put("checkpointed", plan.checkpointed())
                .put("steps", plan.steps())
                .put("image_tokens", plan.imageTokensPerImage())
                .put("longest_sequence", plan.longestSequence())
                .put("problems", String.join("; ", plan.problems()));
    }

    /** Notes every step's time, and the last loss. */
    private final class StepTimes implements TrainingListener {
        private Moment before = Moment.now();

        @Override
        public void phase(String phase, long part, long total) {}

        @Override
        public void step(StepMetrics metrics) {
            Moment now = Moment.now();
            figures.add("step", before, now, 1);
            figures.report().put("last_loss", metrics.loss());
            before = now;
        }
    }
}
