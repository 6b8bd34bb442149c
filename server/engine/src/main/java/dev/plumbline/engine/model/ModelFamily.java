package dev.plumbline.engine.model;

import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.tensor.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a checkpoint's configuration says: its tensors, and the graphs that are built from them. */
interface ModelFamily {
    /** Such as {@code llava}. */
    String name();

    /** Tensors that the checkpoint must hold, by canonical name. */
    Map<String, Shape> tensors();

    /** Tensors that it may hold and that are not used. */
    Set<String> ignorable();

    /** Layers that LoRA can change, with their shapes [out, in], in the order of the graph. */
    Map<String, Shape> linearModules();

    /** One picture's {@link PictureInputs} to {@code features}, [image tokens, hidden] in order. */
    Graph vision();

    /**
     * The numbers in the dims of {@link #vision} for the largest picture.
     *
     * @param tokens that it may take, where its size decides
     */
    default Map<String, Long> largestPicture(int tokens) {
        return Map.of("B", 1L);
    }

    /**
     * How pictures are prepared for {@link #vision}.
     *
     * @param folder with the processor's configuration
     */
    PictureInputs pictures(Path folder);

    /** What positions are rotated by. */
    RotaryTable rotary();

    /**
     * The positions of a sequence.
     *
     * @param pictures those whose image tokens stand in {@code ids}, in order
     */
    TokenPositions positions(List<Integer> ids, List<PictureGrid> pictures);

    /**
     * One step of generation: {@code input_ids} [B, S] with {@code image_features} in the places
     * {@code image_positions} [images, 2], over the cache of {@link Attentions#fused}, to {@code
     * logits} [N, vocabulary] of the {@code logit_positions} [N], counted through the batch.
     */
    Graph decoder(Set<String> adapted);

    /**
     * Log-probabilities of answers, differentiable with respect to the LoRA inputs; see {@link
     * AnswerGraph}.
     *
     * @param projections of the graph under construction
     */
    AnswerGraph answers(Projections projections);

    /** The graph of {@link #answers} alone: its output is {@code token_logps}. */
    default Graph scores(Set<String> adapted, boolean dropout) {
        GraphBuilder builder = new GraphBuilder("answers");
        Projections projections = Projections.training(builder, adapted, dropout);
        builder.output("token_logps", answers(projections).tokenLogps());
        return builder.build();
    }

    /** The chat template of folders that were saved without one. */
    String chatTemplate();

    /** Ids that stand for something that is no text, whose tokens no text may hold. */
    default Set<Integer> reservedIds() {
        return Set.of(facts().pictures().imageTokenId());
    }

    /** Names and numbers that generation and training need. */
    ModelFacts facts();
}
