package dev.plumbline.engine.train;

import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.graph.ValueMemory;
import dev.plumbline.engine.model.KlGraphs;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.Projections;
import dev.plumbline.engine.score.AnswerBatch;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Precision;
import dev.plumbline.engine.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What training takes in memory on top of a loaded model, told from the very graphs that it runs:
 * each session keeps what its largest run needed, so that the peaks of all sessions add up.
 */
final class TrainingMemory {
    /**
     * What the sessions' arenas take for a value that they hold; measured on a model of 100 million
     * parameters, for one and three rows of 200 to 650 tokens: 1.08 kept, 1.18 checkpointed.
     */
    private static final double ARENA = 1.1;

    /** Of sessions and the process around them, whatever the sizes; measured likewise. */
    private static final long FIXED_BYTES = 64L << 20;

    /** Values, what is fed, two moments, the gradient, and twice what a run's outputs become. */
    private static final int BUFFERS = 7;

    private final LoadedModel model;
    private final LoraParameters parameters;
    private final boolean kl;
    private final Graph reference;
    private final Graph policy;

    /**
     * @param kl whether losses read the KL to the reference
     */
    TrainingMemory(LoadedModel model, LoraParameters parameters, boolean kl) {
        this.model = model;
        this.parameters = parameters;
        this.kl = kl;
        Set<String> adapted = parameters.tensors().modules();
        this.reference = model.sessions().scores(Set.of(), false);
        this.policy =
                kl
                        ? model.sessions()
                                .lowered(KlGraphs.policy(model, adapted, parameters.drops()))
                        : model.sessions().scores(adapted, parameters.drops());
    }

    /**
     * Bytes of recomputing passes.
     *
     * @param batches that are run
     * @param single sequences, each alone, as the reference takes them
     */
    long recompute(
            List<AnswerBatch.Size> batches, List<AnswerBatch.Size> single, boolean checkpointed) {
        return total(
                peak(reference, single)
                        + peak(policy, batches)
                        + (kl ? peak(live(), batches) : 0)
                        + peak(gradients(checkpointed), batches),
                BUFFERS);
    }

    /** The reference that is run beside the policy. */
    private Graph live() {
        return model.sessions().lowered(KlGraphs.reference(model));
    }

    /**
     * Bytes of unit-weight passes.
     *
     * @param single sequences, each alone
     * @param kept most gradients that wait for a row's losses
     */
    long unitWeight(List<AnswerBatch.Size> single, int kept, boolean checkpointed) {
        return total(
                peak(reference, single) + peak(gradients(checkpointed), single), BUFFERS + kept);
    }

    private Graph gradients(boolean checkpointed) {
        Set<String> adapted = parameters.tensors().modules();
        return model.sessions()
                .lowered(GradientGraph.of(model, adapted, parameters.drops(), checkpointed, kl));
    }

    private long total(long values, int buffers) {
        return (long) (ARENA * values)
                + dequantized()
                + model.memory().parts().vision()
                + parameters.count() * buffers * Float.BYTES
                + FIXED_BYTES;
    }

    /**
     * What the arenas lose where dequantized weights come and go: about the largest (measured on
     * four layers of the shape of LLaVA-1.5-7B, of 100 and 650 tokens).
     */
    private long dequantized() {
        if (model.precision() == Precision.FP32) {
            return 0;
        }
        return model.linearModules().values().stream()
                .mapToLong(shape -> DType.F32.bytes(shape.elements()))
                .max()
                .orElse(0);
    }

    /** Of the largest batch, by tokens or by scores of attention. */
    private long peak(Graph graph, List<AnswerBatch.Size> batches) {
        AnswerBatch.Size tokens = new AnswerBatch.Size(0, 0, 0, 0);
        AnswerBatch.Size scores = tokens;
        for (AnswerBatch.Size batch : batches) {
            tokens = batch.tokens() > tokens.tokens() ? batch : tokens;
            scores = scores(batch) > scores(scores) ? batch : scores;
        }
        return Math.max(peak(graph, tokens), peak(graph, scores));
    }

    private static long scores(AnswerBatch.Size batch) {
        return batch.tokens() * batch.length();
    }

    private long peak(Graph graph, AnswerBatch.Size batch) {
        Map<String, Long> sizes = new HashMap<>();
        sizes.put("B", (long) batch.rows());
        sizes.put("S", (long) batch.length());
        sizes.put("N", (long) batch.answerTokens());
        sizes.put("images", (long) batch.imageTokens());
        Map<String, Tensor> lora = parameters.tensors().inputs();
        for (String module : parameters.tensors().modules()) {
            Tensor a = Objects.requireNonNull(lora.get(Projections.nameOfA(module)));
            sizes.put("rank." + module, a.shape().get(0));
        }
        return new ValueMemory(graph, sizes).peak();
    }
}
