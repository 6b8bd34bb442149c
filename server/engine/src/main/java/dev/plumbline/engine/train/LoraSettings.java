package dev.plumbline.engine.train;

import dev.plumbline.engine.error.PlumblineException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What is trained.
 *
 * @param initAdapter PEFT folder to start from; its rank, alpha, targets and names then hold
 * @param targets last parts of layer names, such as {@code q_proj}; empty stands for all linear
 *     layers of the language model
 */
public record LoraSettings(
        Optional<Path> initAdapter, int rank, double alpha, List<String> targets) {
    private static final int LARGEST_RANK = 4096;

    public LoraSettings {
        targets = List.copyOf(targets);
        if (rank < 1 || rank > LARGEST_RANK) {
            throw PlumblineException.invalid(
                    "rank", "OUT_OF_RANGE", "rank must be 1 to 4096, not " + rank);
        }
        if (!(alpha > 0) || !Double.isFinite(alpha)) {
            throw PlumblineException.invalid(
                    "alpha", "OUT_OF_RANGE", "alpha must be a number above 0, not " + alpha);
        }
    }
}
