package dev.plumbline.engine.train;

import dev.plumbline.engine.data.SkippedRows;
import dev.plumbline.engine.train.BatchSettings.Passes;
import java.util.List;
import java.util.Objects;

/**
 * What a run takes, told before it starts.
 *
 * @param peakMemoryBytes an estimate of what training takes on top of the loaded model
 * @param passes never {@code AUTO}
 * @param checkpointed whether activations are computed again in the backward pass, for want of
 *     memory; changes no result
 * @param problems what stands in the run's way; empty where it can start
 * @param skipped rows that cannot be used and were left out, as asked for; not among {@code rows}
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
        int microBatch,
        List<String> problems,
        SkippedRows skipped) {
    public Plan {
        problems = List.copyOf(problems);
        // Plans that were written before rows could be skipped have none.
        skipped = Objects.requireNonNullElse(skipped, SkippedRows.NONE);
    }

    /** The same of rows from which some were left out. */
    public Plan without(SkippedRows rowsLeftOut) {
        return new Plan(
                rows,
                steps,
                trainableParameters,
                imageTokensPerImage,
                longestSequence,
                peakMemoryBytes,
                passes,
                checkpointed,
                microBatch,
                problems,
                rowsLeftOut);
    }
}
