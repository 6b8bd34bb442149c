package dev.plumbline.engine.train;

import dev.plumbline.engine.autodiff.Gradients;
import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.graph.MathOps;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.model.AnswerGraph;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.Projections;
import dev.plumbline.engine.tensor.DType;
import java.util.List;
import java.util.Set;

/** Forward and backward through a model as one graph. */
final class GradientGraph {
    /** Input [N]: what the loss changes with each answer token's log-probability. */
    static final String SEED = "d_token_logps";

    /** Input [N], of graphs with a KL: what the loss changes with each answer token's KL. */
    static final String KL_SEED = "d_token_kl";

    /** Output [N]. */
    static final String LOGPS = "token_logps";

    private GradientGraph() {}

    /** The output with the gradient of a LoRA input. */
    static String gradient(String input) {
        return "gradient." + input;
    }

    /**
     * @param adapted layers with LoRA
     * @param dropout see {@link Projections#training}
     * @param checkpointed see {@link Gradients#of(Value, Value, List, boolean)}
     * @param kl with the KL to a reference, see {@link AnswerGraph#referenceKl}
     */
    static Graph of(
            LoadedModel model,
            Set<String> adapted,
            boolean dropout,
            boolean checkpointed,
            boolean kl) {
        GraphBuilder builder = new GraphBuilder("gradients");
        AnswerGraph answers = model.answers(Projections.training(builder, adapted, dropout));
        Value seed = builder.input(SEED, DType.F32, Dim.shape("N"));
        List<String> names = List.copyOf(answers.loraInputs().keySet());
        List<Value> targets = List.copyOf(answers.loraInputs().values());
        List<Value> gradients =
                kl
                        ? Gradients.of(
                                weighted(answers, seed), builder.constant(1), targets, checkpointed)
                        : Gradients.of(answers.tokenLogps(), seed, targets, checkpointed);
        for (int i = 0; i < names.size(); i++) {
            builder.output(gradient(names.get(i)), gradients.get(i));
        }
        builder.output(LOGPS, answers.tokenLogps());
        return builder.build();
    }

    /** {@code sum(seed * logps + klSeed * kl)}. */
    private static Value weighted(AnswerGraph answers, Value seed) {
        Value klSeed = seed.builder().input(KL_SEED, DType.F32, Dim.shape("N"));
        Value logps = MathOps.mul(seed, answers.tokenLogps());
        Value kl = MathOps.mul(klSeed, answers.referenceKl());
        return MathOps.reduceSum(MathOps.add(logps, kl), false, 0);
    }
}
