package dev.plumbline.engine.train;

import dev.plumbline.engine.error.PlumblineException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a run writes; none of it changes the result.
 *
 * @param output folder for the adapter and {@code metrics.jsonl}
 * @param checkpoints folder of its checkpoints, from which it goes on if there are any; empty for a
 *     run that cannot be taken up again
 * @param checkpointEvery steps between two checkpoints; 0 leaves it to the time that they take
 */
public record RunFiles(Path output, Optional<Path> checkpoints, int checkpointEvery) {
    public RunFiles {
        if (checkpointEvery < 0) {
            throw PlumblineException.invalid(
                    "checkpoint_every",
                    "OUT_OF_RANGE",
                    "checkpoint_every must be at least 0, not " + checkpointEvery);
        }
    }

    /** An output without checkpoints. */
    public static RunFiles of(Path output) {
        return new RunFiles(output, Optional.empty(), 0);
    }
}
