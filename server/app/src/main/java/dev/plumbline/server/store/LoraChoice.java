package dev.plumbline.server.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The adapter that a run trains.
 *
 * @param initAdapter PEFT folder to start from, or empty; what it says then holds
 * @param rank null for the default
 * @param alpha null for the default
 * @param targets ends of names of layers; empty stands for all of the language model
 * @param variant null (as old runs have it) where it is plain
 */
public record LoraChoice(
        String initAdapter,
        @Nullable Integer rank,
        @Nullable Double alpha,
        List<String> targets,
        @Nullable LoraVariant variant) {
    public static final int DEFAULT_RANK = 128;
    public static final double DEFAULT_ALPHA = 256;

    public LoraChoice {
        targets = List.copyOf(targets);
        if (rank != null) {
            SpecChecks.atLeast("spec.rank", rank, 1);
        }
        if (alpha != null) {
            SpecChecks.positive("spec.alpha", alpha);
        }
        for (String target : targets) {
            SpecChecks.present("spec.targets", target);
        }
        if (variant != null && !variant.targetPattern().isEmpty()) {
            SpecChecks.absent("spec.targets", targets, "spec.target_pattern");
        }
    }

    /** A plain one. */
    public LoraChoice(
            String initAdapter,
            @Nullable Integer rank,
            @Nullable Double alpha,
            List<String> targets) {
        this(initAdapter, rank, alpha, targets, null);
    }

    /** The variant, which says nothing where it is plain. */
    public LoraVariant orPlain() {
        return variant == null ? LoraVariant.NONE : variant;
    }
}
