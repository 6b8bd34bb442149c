package dev.plumbline.engine.train;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.score.ReferenceStore;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a run writes; none of it changes the result.
 *
 * @param output folder for the adapter and {@code metrics.jsonl}
 * @param checkpoints folder of its checkpoints, from which it goes on if there are any; empty for a
 *     run that cannot be taken up again
 * @param checkpointEvery steps between two checkpoints; 0 leaves it to the time that they take
 * @param references log-probabilities without the adapter, which are looked up there and kept;
 *     empty to compute them once in each run
 */
public record RunFiles(
        Path output,
        Optional<Path> checkpoints,
        int checkpointEvery,
        Optional<ReferenceStore> references) {
    public RunFiles {
        if (checkpointEvery < 0) {
            throw PlumblineException.invalid(
                    "checkpoint_every",
                    "OUT_OF_RANGE",
                    "checkpoint_every must be at least 0, not " + checkpointEvery);
        }
    }

    public RunFiles(Path output, Optional<Path> checkpoints, int checkpointEvery) {
        this(output, checkpoints, checkpointEvery, Optional.empty());
    }

    /** The same with a store of reference log-probabilities. */
    public RunFiles with(Optional<ReferenceStore> store) {
        return new RunFiles(output, checkpoints, checkpointEvery, store);
    }

    /** An output without checkpoints. */
    public static RunFiles of(Path output) {
        return new RunFiles(output, Optional.empty(), 0);
    }
}
