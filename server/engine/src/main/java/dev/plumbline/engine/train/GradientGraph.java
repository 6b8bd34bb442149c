package dev.plumbline.engine.train;

import dev.plumbline.engine.autodiff.Gradients;
import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.graph.GraphBuilder;
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
     */
    static Graph of(LoadedModel model, Set<String> adapted, boolean dropout, boolean checkpointed) {
        GraphBuilder builder = new GraphBuilder("gradients");
        AnswerGraph answers = model.answers(Projections.training(builder, adapted, dropout));
        Value seed = builder.input(SEED, DType.F32, Dim.shape("N"));
        List<String> names = List.copyOf(answers.loraInputs().keySet());
        List<Value> gradients =
                Gradients.of(
                        answers.tokenLogps(),
                        seed,
                        List.copyOf(answers.loraInputs().values()),
                        checkpointed);
        for (int i = 0; i < names.size(); i++) {
            builder.output(gradient(names.get(i)), gradients.get(i));
        }
        builder.output(LOGPS, answers.tokenLogps());
        return builder.build();
    }
}
