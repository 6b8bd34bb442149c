package dev.plumbline.engine.train;

import dev.plumbline.engine.train.BatchSettings.Passes;
import java.util.List;

/**
 * What a run takes, told before it starts.
 *
 * @param peakMemoryBytes an estimate of what training takes on top of the loaded model
 * @param problems what stands in the run's way; empty where it can start
 */
public record Plan(
        int rows,
        int steps,
        long trainableParameters,
        int imageTokensPerImage,
        int longestSequence,
        long peakMemoryBytes,
        Passes passes,
        int microBatch,
        List<String> problems) {
    public Plan {
        problems = List.copyOf(problems);
    }
}
