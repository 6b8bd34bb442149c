package dev.plumbline.engine.model;

import java.util.List;

/**
 * A prompt, or a prompt and its answer, as the model reads it.
 *
 * @param text rendered by the chat template, before image tokens are repeated
 * @param ids token ids, image tokens repeated
 * @param imagePositions where in {@code ids} the pieces of pictures stand, in order
 * @param positions what the tokens are rotated by
 */
public record EncodedPrompt(
        String text, List<Integer> ids, List<Integer> imagePositions, TokenPositions positions) {
    public EncodedPrompt {
        ids = List.copyOf(ids);
        imagePositions = List.copyOf(imagePositions);
    }
}
