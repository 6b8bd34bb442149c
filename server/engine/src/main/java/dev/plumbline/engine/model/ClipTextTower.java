package dev.plumbline.engine.model;

import dev.plumbline.engine.graph.MathOps;
import dev.plumbline.engine.graph.NeuralOps;
import dev.plumbline.engine.graph.ShapeOps;
import dev.plumbline.engine.graph.Value;

/** CLIP's text transformer (Radford et al. 2021, arXiv 2103.00020). */
final class ClipTextTower {
    private final ClipTextConfig config;
    private final ClipEncoder encoder;

    ClipTextTower(ClipTextConfig config, Projections projections, String prefix) {
        this.config = config;
        this.encoder =
                new ClipEncoder(
                        config.sizes(), NeuralOps::causalMultiHeadAttention, projections, prefix);
    }

    /**
     * What some tokens have become after all layers and the last norm, [N, hidden].
     *
     * @param ids [B, S]; what follows a wanted token changes nothing
     * @param positions 0 to S - 1, [S]
     * @param ends the wanted tokens, [N], counted through the batch
     */
    Value pooled(Value ids, Value positions, Value ends) {
        int width = config.sizes().hidden();
        Value words =
                encoder.weight("embeddings.token_embedding.weight", config.vocabSize(), width);
        Value places =
                encoder.weight(
                        "embeddings.position_embedding.weight",
                        config.maxPositionEmbeddings(),
                        width);
        Value hidden = MathOps.add(ShapeOps.gather(words, ids), ShapeOps.gather(places, positions));
        for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
            hidden = encoder.layer(layer, hidden);
        }
        return encoder.norm("final_layer_norm", ShapeOps.gather(ShapeOps.flatten(hidden), ends));
    }
}
