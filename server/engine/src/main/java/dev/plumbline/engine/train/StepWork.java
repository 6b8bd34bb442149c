package dev.plumbline.engine.train;

import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.score.AnswerBatch;
import java.util.List;

/**
 * The work of both kinds of passes over some batches, in operations of the decoder's products. A
 * forward pass counts once. A backward pass counts as much as a forward one (measured 1.0 to 1.05),
 * and with checkpoints seven tenths more: of a layer, the products whose results no gradient reads
 * are not repeated.
 */
final class StepWork {
    private static final double BACKWARD = 1;
    private static final double REPEATED = 0.7;

    /**
     * What starting the operators of a layer costs, in operations that could be done meanwhile:
     * with it, sequences of 80 tokens of a model of 2 million parameters cost as measured.
     */
    private static final double LAYER_START = 2e7;

    private final double tokenOperations;
    private final double runOperations;

    /**
     * @param weights numbers in the decoder's linear layers
     */
    StepWork(double weights, int layers) {
        this.tokenOperations = 2 * weights;
        this.runOperations = LAYER_START * layers;
    }

    static StepWork of(LoadedModel model) {
        double weights =
                model.linearModules().values().stream()
                        .mapToDouble(shape -> (double) shape.elements())
                        .sum();
        return new StepWork(weights, model.facts().layers());
    }

    /** Policy forward, then forward and backward, over rows that share what they begin with. */
    double recompute(List<AnswerBatch.Size> batches, boolean checkpointed) {
        return batches.stream().mapToDouble(this::once).sum() * (1 + gradient(checkpointed));
    }

    /** The reference beside the policy forward, and again beside forward and backward. */
    double liveReference(List<AnswerBatch.Size> batches) {
        return 2 * batches.stream().mapToDouble(this::once).sum();
    }

    /** Forward and backward of each sequence alone. */
    double unitWeight(List<AnswerBatch.Size> single, boolean checkpointed) {
        return single.stream().mapToDouble(this::once).sum() * gradient(checkpointed);
    }

    private double once(AnswerBatch.Size batch) {
        return runOperations + tokenOperations * batch.tokens();
    }

    private static double gradient(boolean checkpointed) {
        return 1 + BACKWARD + (checkpointed ? REPEATED : 0);
    }
}
