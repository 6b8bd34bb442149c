package dev.plumbline.engine.model;

import dev.plumbline.engine.graph.Value;
import java.util.Map;

/**
 * The log-probabilities of answers, as a graph under construction. Sequences are padded on the
 * right: under a causal mask no token sees the padding, which is why there is no other mask.
 *
 * <p>Inputs: {@code input_ids} [B, S]; {@code rope_cos} and {@code rope_sin} [B, S, head_dim / 2];
 * {@code attention_bias} [B, 1, 1, S, S]; {@code image_features} [images, hidden] and {@code
 * image_positions} [images, 2] as (sequence, position); {@code answer_positions} [N], where in the
 * flattened batch each answer token is predicted; {@code answer_ids} [N, 1].
 *
 * @param tokenLogps log p of each answer token, [N]
 * @param loraInputs A and B of each adapted layer, by input name
 */
public record AnswerGraph(Value tokenLogps, Map<String, Value> loraInputs) {}
