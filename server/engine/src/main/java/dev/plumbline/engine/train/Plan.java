package dev.plumbline.engine.train;

import dev.plumbline.engine.train.BatchSettings.Passes;
import java.util.List;

/**
 * What a run takes, told before it starts.
 *
 * @param peakMemoryBytes an estimate of what training takes on top of the loaded model
 * @param passes never {@code AUTO}
 * @param checkpointed whether activations are computed again in the backward pass, for want of
 *     memory; changes no result
 * @param liveReference whether the model without an adapter is run with every step, for the KL of
 *     token-level losses; elsewhere its log-probabilities are computed once
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
        boolean checkpointed,
        boolean liveReference,
        int microBatch,
        List<String> problems) {
    public Plan {
        problems = List.copyOf(problems);
    }
}
