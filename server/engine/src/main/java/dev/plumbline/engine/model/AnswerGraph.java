package dev.plumbline.engine.model;

import static dev.plumbline.engine.graph.MathOps.exp;
import static dev.plumbline.engine.graph.MathOps.mul;
import static dev.plumbline.engine.graph.MathOps.reduceSum;
import static dev.plumbline.engine.graph.MathOps.sub;

import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.tensor.DType;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The log-probabilities of answers, as a graph under construction. Sequences are padded on the
 * right: under a causal mask no token sees the padding, which is why there is no other mask.
 *
 * <p>Inputs: {@code input_ids} [B, S]; {@code rope_cos} and {@code rope_sin} [B, S, head_dim / 2];
 * {@code attention_bias} [B, 1, 1, S, S]; {@code image_features} [images, hidden] and {@code
 * image_positions} [images, 2] as (sequence, position); {@code answer_positions} [N], where in the
 * flattened batch each answer token is predicted; {@code answer_ids} [N, 1].
 *
 * @param hidden what the layers make of the positions that predict answer tokens, [N, hidden]
 * @param vocabularyLogps log p of every token there, [N, vocabulary]
 * @param tokenLogps log p of each answer token, [N]
 * @param head hidden states to log p of every token
 * @param loraInputs A and B of each adapted layer, by input name
 */
public record AnswerGraph(
        Value hidden,
        Value vocabularyLogps,
        Value tokenLogps,
        UnaryOperator<Value> head,
        Map<String, Value> loraInputs) {
    /** The input of {@link #referenceKl}: {@link #hidden} of the reference, [N, hidden]. */
    public static final String REFERENCE_HIDDEN = "reference_hidden";

    /**
     * Adds {@code KL(pi_ref || pi_theta)} over the vocabulary at each answer token, [N]. The
     * reference is given by its hidden states, which are much smaller than its probabilities; it is
     * no part of what is differentiated.
     */
    public Value referenceKl() {
        Value states =
                hidden.builder()
                        .input(REFERENCE_HIDDEN, DType.F32, Dim.shape("N", hidden.size(-1)));
        Value reference = head.apply(states);
        return reduceSum(mul(exp(reference), sub(reference, vocabularyLogps)), false, -1);
    }
}
