package dev.plumbline.engine.train;

import dev.plumbline.engine.error.PlumblineException;

/**
 * Which rows make a step, and how a step is cut up. Neither passes nor micro-batches change the
 * result.
 *
 * @param batchSize rows a step; a short last batch is kept
 * @param maxSteps 0 is no limit
 * @param microBatch sequences side by side; 0 as many as are worth it
 */
public record BatchSettings(
        int batchSize, int epochs, int maxSteps, Order order, Passes passes, int microBatch) {
    /** The order of the rows. */
    public enum Order {
        AS_IS,
        /** Another permutation each epoch, by the seed. */
        SHUFFLED
    }

    /** How the derivative of a loss meets the gradients of its sequences. */
    public enum Passes {
        /** The plan's choice, by cost and memory. */
        AUTO,
        /** Forward for the loss, then forward and backward with its derivative. */
        RECOMPUTE,
        /** Forward and backward of each sequence once; its gradient waits for the derivative. */
        UNIT_WEIGHT
    }

    public BatchSettings {
        require(batchSize >= 1, "batch_size", "at least 1", batchSize);
        require(epochs >= 1, "epochs", "at least 1", epochs);
        require(maxSteps >= 0, "max_steps", "at least 0", maxSteps);
        require(microBatch >= 0, "micro_batch", "at least 0", microBatch);
    }

    private static void require(boolean condition, String field, String range, int value) {
        if (!condition) {
            throw PlumblineException.invalid(
                    field, "OUT_OF_RANGE", field + " must be " + range + ", not " + value);
        }
    }

    /** Sequences of a micro-batch at most. */
    int mostSequences() {
        return microBatch == 0 ? Integer.MAX_VALUE : microBatch;
    }

    /** Optimizer steps of a run over so many rows. */
    int steps(int rows) {
        long steps = (long) Math.ceilDiv(rows, batchSize) * epochs;
        return Math.toIntExact(maxSteps == 0 ? steps : Math.min(maxSteps, steps));
    }
}
