package dev.plumbline.engine.train;

import dev.plumbline.engine.checkpoint.ModuleChoice;
import dev.plumbline.engine.error.PlumblineException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What is trained.
 *
 * @param initAdapter PEFT folder to start from; its shape, targets and names then hold
 * @param targets layers that are changed; none stands for all linear layers of the language model
 * @param excluded layers that are not, although {@code targets} has them
 * @param dropout of what enters the added part, between 0 (inclusive) and 1, during training only
 */
public record LoraSettings(
        Optional<Path> initAdapter,
        LoraShape shape,
        ModuleChoice targets,
        ModuleChoice excluded,
        double dropout) {
    public LoraSettings {
        if (!(dropout >= 0 && dropout < 1)) {
            throw PlumblineException.invalid(
                    "lora_dropout",
                    "OUT_OF_RANGE",
                    "lora_dropout must be at least 0 and below 1, not " + dropout);
        }
    }

    /** One rank for all layers of these names, without dropout. */
    public LoraSettings(Optional<Path> initAdapter, int rank, double alpha, List<String> targets) {
        this(
                initAdapter,
                LoraShape.of(rank, alpha),
                ModuleChoice.of(targets),
                ModuleChoice.NONE,
                0);
    }
}
