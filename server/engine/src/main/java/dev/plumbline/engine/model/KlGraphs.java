package dev.plumbline.engine.model;

import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.graph.GraphBuilder;
import java.util.Set;

/** The two forward passes of a KL to the model without an adapter. */
public final class KlGraphs {
    /** Output [N, hidden]: the reference's states where answer tokens are predicted. */
    public static final String HIDDEN = "hidden";

    /** Output [N]. */
    public static final String LOGPS = "token_logps";

    /** Output [N]: of the reference's distribution of each answer token from the policy's. */
    public static final String KL = "token_kl";

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
