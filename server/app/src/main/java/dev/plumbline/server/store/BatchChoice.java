package dev.plumbline.server.store;

import java.util.List;

/**
 * What a run sees, and in which portions.
 *
 * @param maxSteps 0 is no limit
 * @param passes {@code auto} leaves them to the plan
 * @param microBatch sequences computed at a time; 0 leaves it to the plan
 */
public record BatchChoice(
        int batchSize, int epochs, int maxSteps, String order, String passes, int microBatch) {
    public static final int DEFAULT_BATCH_SIZE = 32;
    public static final List<String> ORDERS = List.of("shuffled", "as-is");
    public static final List<String> PASSES = List.of("auto", "recompute", "unit-weight");

    public BatchChoice {
        SpecChecks.atLeast("spec.batch_size", batchSize, 1);
        SpecChecks.atLeast("spec.epochs", epochs, 1);
        SpecChecks.atLeast("spec.max_steps", maxSteps, 0);
        SpecChecks.oneOf("spec.order", order, ORDERS);
        SpecChecks.oneOf("spec.passes", passes, PASSES);
        SpecChecks.atLeast("spec.micro_batch", microBatch, 0);
    }
}
