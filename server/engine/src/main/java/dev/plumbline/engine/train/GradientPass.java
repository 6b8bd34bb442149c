package dev.plumbline.engine.train;

import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.LoraTensors;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Results;
import dev.plumbline.engine.runtime.Session;
import dev.plumbline.engine.score.AnswerBatch;
import dev.plumbline.engine.score.AnswerSequence;
import dev.plumbline.engine.score.DropoutInputs;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Forward and backward through the model as one graph: from sequences, and what each answer's
 * log-probability counts, to the gradient of each LoRA tensor.
 */
final class GradientPass {
    private final LoadedModel model;
    private final LoraParameters parameters;
    private final Session session;
    private final List<String> outputs = new ArrayList<>();

    /**
     * @param checkpointed computes activations again in the backward pass; changes no result
     */
    GradientPass(LoadedModel model, LoraParameters parameters, boolean checkpointed) {
        this.model = model;
        this.parameters = parameters;
        parameters.inputNames().forEach(name -> outputs.add(GradientGraph.gradient(name)));
        outputs.add(GradientGraph.LOGPS);
        Set<String> adapted = parameters.tensors().modules();
        boolean dropout = parameters.drops();
        String purpose =
                "gradients" + (dropout ? ", dropout" : "") + (checkpointed ? ", checkpointed" : "");
        this.session =
                model.sessions()
                        .session(
                                purpose,
                                adapted,
                                () -> GradientGraph.of(model, adapted, dropout, checkpointed));
    }

    /** Gradients in the order of {@link LoraParameters#values}, to be added to. */
    List<float[]> zeros() {
        return parameters.values().stream().map(values -> new float[values.length]).toList();
    }

    /**
     * Adds the gradient of {@code sum(weight * log p(answer))} over some sequences.
     *
     * @param weights one a sequence
     * @param gradients is added to
     * @return log p of each answer
     */
    List<Double> accumulate(
            List<AnswerSequence> sequences,
            double[] weights,
            List<float[]> gradients,
            Cancellation cancellation) {
        AnswerBatch batch = AnswerBatch.of(sequences, model.facts().hiddenSize(), model.rotary());
        Map<String, Tensor> inputs = new HashMap<>(batch.inputs());
        LoraTensors lora = parameters.trainingTensors();
        inputs.putAll(lora.inputs());
        inputs.putAll(DropoutInputs.of(sequences, lora));
        inputs.put(GradientGraph.SEED, seed(batch.answerLengths(), weights));
        try (Results results = session.run(inputs, outputs, cancellation)) {
            List<Double> factors = parameters.factors();
            for (int i = 0; i < gradients.size(); i++) {
                add(
                        results.get(outputs.get(i)).toFloats(),
                        factors.get(i).floatValue(),
                        gradients.get(i));
            }
            return sums(results.get(GradientGraph.LOGPS).toFloats(), batch.answerLengths());
        }
    }

    private static Tensor seed(List<Integer> lengths, double[] weights) {
        int tokens = lengths.stream().mapToInt(Integer::intValue).sum();
        float[] seed = new float[tokens];
        int at = 0;
        for (int i = 0; i < weights.length; i++) {
            for (int end = at + lengths.get(i); at < end; at++) {
                seed[at] = (float) weights[i];
            }
        }
        return Tensor.of(Shape.of(tokens), seed);
    }

    private static void add(float[] values, float factor, float[] sum) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += factor * values[i];
        }
    }

    private static List<Double> sums(float[] values, List<Integer> lengths) {
        List<Double> sums = new ArrayList<>();
        int at = 0;
        for (int length : lengths) {
            double sum = 0;
            for (int end = at + length; at < end; at++) {
                sum += values[at];
            }
            sums.add(sum);
        }
        return sums;
    }
}
