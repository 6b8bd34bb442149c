package dev.plumbline.engine.train;

import dev.plumbline.engine.autodiff.Gradients;
import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.model.AnswerGraph;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Results;
import dev.plumbline.engine.runtime.Session;
import dev.plumbline.engine.score.AnswerBatch;
import dev.plumbline.engine.score.AnswerSequence;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Forward and backward through the model as one graph: from sequences, and what each answer's
 * log-probability counts, to the gradient of each LoRA tensor.
 */
final class GradientPass {
    private static final String SEED = "d_token_logps";
    private static final String LOGPS = "token_logps";

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
        parameters.inputNames().forEach(name -> outputs.add(gradientName(name)));
        outputs.add(LOGPS);
        this.session =
                model.sessions()
                        .session(
                                checkpointed ? "gradients, checkpointed" : "gradients",
                                parameters.tensors().modules(),
                                () -> graph(checkpointed));
    }

    private Graph graph(boolean checkpointed) {
        GraphBuilder builder = new GraphBuilder("gradients");
        AnswerGraph answers = model.answers(builder, parameters.tensors().modules());
        Value seed = builder.input(SEED, DType.F32, Dim.shape("N"));
        List<String> names = List.copyOf(answers.loraInputs().keySet());
        List<Value> gradients =
                Gradients.of(
                        answers.tokenLogps(),
                        seed,
                        List.copyOf(answers.loraInputs().values()),
                        checkpointed);
        for (int i = 0; i < names.size(); i++) {
            builder.output(gradientName(names.get(i)), gradients.get(i));
        }
        builder.output(LOGPS, answers.tokenLogps());
        return builder.build();
    }

    private static String gradientName(String input) {
        return "gradient." + input;
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
        inputs.putAll(parameters.tensors().inputs());
        inputs.put(SEED, seed(batch.answerLengths(), weights));
        try (Results results = session.run(inputs, outputs, cancellation)) {
            List<Double> factors = parameters.factors();
            for (int i = 0; i < gradients.size(); i++) {
                add(
                        results.get(outputs.get(i)).toFloats(),
                        factors.get(i).floatValue(),
                        gradients.get(i));
            }
            return sums(results.get(LOGPS).toFloats(), batch.answerLengths());
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
