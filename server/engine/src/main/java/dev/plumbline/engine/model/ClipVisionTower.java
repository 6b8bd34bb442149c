package dev.plumbline.engine.model;

import static dev.plumbline.engine.graph.MathOps.add;

import dev.plumbline.engine.graph.MathOps;
import dev.plumbline.engine.graph.NeuralOps;
import dev.plumbline.engine.graph.ShapeOps;
import dev.plumbline.engine.graph.Value;
import java.util.ArrayList;
import java.util.List;

/** CLIP's vision transformer (Radford et al. 2021, arXiv 2103.00020) up to some layer. */
final class ClipVisionTower {
    private final VisionConfig config;
    private final ClipEncoder encoder;

    ClipVisionTower(VisionConfig config, Projections projections, String prefix) {
        this.config = config;
        this.encoder =
                new ClipEncoder(config.sizes(), NeuralOps::multiHeadAttention, projections, prefix);
    }

    /**
     * Pixels [B, 3, size, size] to hidden states [B, 1 + patches, hidden]: entry 0 is what enters
     * the first layer, entry i what leaves layer i.
     */
    List<Value> hiddenStates(Value pixels, int layers) {
        Value hidden = encoder.norm("pre_layrnorm", embed(pixels));
        List<Value> states = new ArrayList<>(List.of(hidden));
        for (int layer = 0; layer < layers; layer++) {
            hidden = encoder.layer(layer, hidden);
            states.add(hidden);
        }
        return states;
    }

    /**
     * Pixels to what the class token has become after all layers and the last norm, [B, 2, hidden]:
     * the first of two rows. The second is that of a patch: products with a single row are computed
     * in another way, and then a picture's vector would depend on whether it is alone.
     */
    Value pooled(Value pixels) {
        int last = config.numHiddenLayers() - 1;
        Value hidden = hiddenStates(pixels, last).getLast();
        Value first = encoder.layer(last, hidden, x -> ShapeOps.slice(x, 1, 0, 2));
        return encoder.norm("post_layernorm", first);
    }

    private Value embed(Value pixels) {
        int width = config.hiddenSize();
        int size = config.patchSize();
        int patches = config.patches();
        Value kernel = encoder.weight("embeddings.patch_embedding.weight", width, 3, size, size);
        Value grid = NeuralOps.patches(pixels, kernel);
        Value rows = ShapeOps.transpose(ShapeOps.reshape(grid, "B", width, patches), 0, 2, 1);
        Value first = encoder.weight("embeddings.class_embedding", width);
        Value classes = add(ShapeOps.zerosLike(MathOps.reduceSum(rows, true, 1)), first);
        Value positions =
                encoder.weight("embeddings.position_embedding.weight", patches + 1L, width);
        return add(ShapeOps.concat(1, classes, rows), positions);
    }
}
