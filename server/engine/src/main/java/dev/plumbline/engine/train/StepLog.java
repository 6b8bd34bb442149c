package dev.plumbline.engine.train;

import java.io.IOException;
import java.nio.file.Path;

/** A run's figures in the files beside its adapter: JSON Lines, and TensorBoard's. */
final class StepLog implements AutoCloseable {
    private final MetricsFile metrics;
    private final TensorBoardFile tensorBoard;

    /**
     * @param steps that an earlier try wrote, and which are kept
     */
    StepLog(Path output, int steps) throws IOException {
        this.metrics = new MetricsFile(output.resolve("metrics.jsonl"), steps);
        try {
            this.tensorBoard = new TensorBoardFile(output, steps);
        } catch (IOException e) {
            metrics.close();
            throw e;
        }
    }

    void write(StepMetrics step) throws IOException {
        metrics.write(step);
        tensorBoard.write(step.step(), StepFigures.tags(step));
    }

    /** What was written is on disk afterwards. */
    void force() throws IOException {
        metrics.force();
        tensorBoard.force();
    }

    @Override
    public void close() throws IOException {
        try (metrics) {
            tensorBoard.close();
        }
    }
}
