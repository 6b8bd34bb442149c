package dev.plumbline.engine.train;

import dev.plumbline.engine.model.AnswerGraph;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.LoraTensors;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Results;
import dev.plumbline.engine.runtime.Session;
import dev.plumbline.engine.score.AnswerBatch;
import dev.plumbline.engine.score.AnswerSequence;
import dev.plumbline.engine.score.DropoutInputs;
import dev.plumbline.engine.score.KlScorer;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleBiFunction;

/**
 * Forward and backward through the model as one graph: from sequences, and what each answer's
 * log-probability counts, to the gradient of each LoRA tensor.
 */
final class GradientPass {
    private final LoadedModel model;
    private final LoraParameters parameters;
    private final Optional<KlScorer> reference;
    private final Session session;
    private final List<String> outputs = new ArrayList<>();

    /**
     * @param checkpointed computes activations again in the backward pass; changes no result
     * @param kl whether losses read the KL to the reference, which then is run beside
     */
    GradientPass(LoadedModel model, LoraParameters parameters, boolean checkpointed, boolean kl) {
        this.model = model;
        this.parameters = parameters;
        this.reference = kl ? Optional.of(new KlScorer(model)) : Optional.empty();
        parameters.inputNames().forEach(name -> outputs.add(GradientGraph.gradient(name)));
        outputs.add(GradientGraph.LOGPS);
        Set<String> adapted = parameters.tensors().modules();
        boolean dropout = parameters.drops();
        String purpose =
                "gradients"
                        + (dropout ? ", dropout" : "")
                        + (checkpointed ? ", checkpointed" : "")
                        + (kl ? ", with KL" : "");
        this.session =
                model.sessions()
                        .session(
                                purpose,
                                adapted,
                                () -> GradientGraph.of(model, adapted, dropout, checkpointed, kl));
    }

    /** Gradients in the order of {@link LoraParameters#values}, to be added to. */
    List<float[]> zeros() {
        return parameters.values().stream().map(values -> new float[values.length]).toList();
    }

    /**
     * Adds the gradient of a loss of which the derivatives are known, over some sequences.
     *
     * @param weights the derivatives, one a sequence
     * @param gradients is added to
     * @return log p of each answer's tokens
     */
    List<List<Double>> accumulate(
            List<AnswerSequence> sequences,
            List<AnswerGradient> weights,
            List<float[]> gradients,
            Cancellation cancellation) {
        AnswerBatch batch = AnswerBatch.of(sequences, model.facts().hiddenSize(), model.rotary());
        Map<String, Tensor> inputs = new HashMap<>(batch.inputs());
        LoraTensors lora = parameters.trainingTensors();
        inputs.putAll(lora.inputs());
        inputs.putAll(DropoutInputs.of(sequences, lora));
        inputs.put(GradientGraph.SEED, seed(batch, weights, AnswerGradient::token));
        reference.ifPresent(model -> {
            Tensor hidden = model.reference(batch, cancellation);
            inputs.put(AnswerGraph.REFERENCE_HIDDEN, hidden);
            inputs.put(GradientGraph.KL_SEED, seed(batch, weights, AnswerGradient::kl));
        });
        try (Results results = session.run(inputs, outputs, cancellation)) {
            List<Double> factors = parameters.factors();
            for (int i = 0; i < gradients.size(); i++) {
                add(
                        results.get(outputs.get(i)).toFloats(),
                        factors.get(i).floatValue(),
                        gradients.get(i));
            }
            return batch.byAnswer(results.get(GradientGraph.LOGPS));
        }
    }

    private static Tensor seed(
            AnswerBatch batch,
            List<AnswerGradient> weights,
            ToDoubleBiFunction<AnswerGradient, Integer> ofToken) {
        List<Integer> lengths = batch.answerLengths();
        float[] seed = new float[lengths.stream().mapToInt(Integer::intValue).sum()];
        int at = 0;
        for (int i = 0; i < lengths.size(); i++) {
            for (int token = 0; token < lengths.get(i); token++) {
                seed[at++] = (float) ofToken.applyAsDouble(weights.get(i), token);
            }
        }
        return Tensor.of(Shape.of(seed.length), seed);
    }

    private static void add(float[] values, float factor, float[] sum) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += factor * values[i];
        }
    }
}
