package dev.plumbline.engine.score;

import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.model.AnswerGraph;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.Projections;
import java.util.Set;

/** The two forward passes of a KL to the model without an adapter. */
public final class KlGraphs {
    static final String HIDDEN = "hidden";
    static final String LOGPS = "token_logps";
    static final String KL = "token_kl";

    private KlGraphs() {}

    /** The reference: its hidden states where answer tokens are predicted, without the head. */
    public static Graph reference(LoadedModel model) {
        GraphBuilder builder = new GraphBuilder("reference");
        builder.output(HIDDEN, model.answers(new Projections(builder, Set.of())).hidden());
        return builder.build();
    }

    /**
     * The policy: log-probabilities and KL of each answer token.
     *
     * @param dropout see {@link Projections#training}
     */
    public static Graph policy(LoadedModel model, Set<String> adapted, boolean dropout) {
        GraphBuilder builder = new GraphBuilder("kl");
        AnswerGraph answers = model.answers(Projections.training(builder, adapted, dropout));
        builder.output(LOGPS, answers.tokenLogps());
        builder.output(KL, answers.referenceKl());
        return builder.build();
    }
}
