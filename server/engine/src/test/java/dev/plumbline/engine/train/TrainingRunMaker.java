package dev.plumbline.engine.train;

import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.train.BatchSettings.Order;
import dev.plumbline.engine.train.BatchSettings.Passes;
import dev.plumbline.engine.train.OptimizerSettings.Schedule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A process that trains, or goes on with what another one left; it says what it does. */
final class TrainingRunMaker {
    static final int STEPS = 210;
    static final int EVERY = 5;

    private TrainingRunMaker() {}

    /** Arguments: a folder for what is loaded, the output, the checkpoints. */
    public static void main(String[] arguments) {
        run(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]), new Teller());
    }

    static TrainingSpec spec() {
        return new TrainingSpec(
                LossSpec.parse("plackett-luce + 1.0 * dpo", Map.of()),
                TrainingFixture.lora("q_proj", "down_proj"),
                new OptimizerSettings(1e-2, 0.1, Schedule.COSINE, 1, 0.01),
                new BatchSettings(2, 500, STEPS, Order.SHUFFLED, Passes.RECOMPUTE, 0),
                11);
    }

    static void run(Path cache, Path output, Path checkpoints, TrainingListener listener) {
        try (TrainingFixture fixture = new TrainingFixture(cache)) {
            Trainer trainer = fixture.trainer();
            RunFiles files = new RunFiles(output, Optional.of(checkpoints), EVERY);
            trainer.run(
                    spec(),
                    trainer.plan(spec(), fixture.rows),
                    fixture.rows,
                    files,
                    listener,
                    Cancellation.none());
        }
    }

    /** Prints. */
    private static final class Teller implements TrainingListener {
        @Override
        public void phase(String name, long done, long total) {}

        @Override
        public void step(StepMetrics metrics) {
            System.out.println("step " + metrics.step());
        }

        @Override
        public void resumed(int steps, List<String> notes) {
            System.out.println("resumed " + steps + " " + notes);
        }
    }

    static boolean isComplete(Path output) {
        return Files.exists(output.resolve("adapter_model.safetensors"));
    }
}
