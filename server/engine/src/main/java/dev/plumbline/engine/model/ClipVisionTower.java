package dev.plumbline.engine.model;

import static dev.plumbline.engine.graph.MathOps.add;

import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.MathOps;
import dev.plumbline.engine.graph.NeuralOps;
import dev.plumbline.engine.graph.ShapeOps;
import dev.plumbline.engine.graph.Value;
import java.util.ArrayList;
import java.util.List;

/** CLIP's vision transformer (Radford et al. 2021, arXiv 2103.00020) up to some layer. */
final class ClipVisionTower {
    private final VisionConfig config;
    private final Projections projections;
    private final String prefix;

    ClipVisionTower(VisionConfig config, Projections projections, String prefix) {
        this.config = config;
        this.projections = projections;
        this.prefix = prefix;
    }

    /**
     * Pixels [B, 3, size, size] to hidden states [B, 1 + patches, hidden]: entry 0 is what enters
     * the first layer, entry i what leaves layer i.
     */
    List<Value> hiddenStates(Value pixels, int layers) {
        Value hidden = norm("pre_layrnorm", embed(pixels));
        List<Value> states = new ArrayList<>(List.of(hidden));
        for (int layer = 0; layer < layers; layer++) {
            hidden = layer(layer, hidden);
            states.add(hidden);
        }
        return states;
    }

    private Value embed(Value pixels) {
        int width = config.hiddenSize();
        int size = config.patchSize();
        int patches = config.patches();
        Value kernel =
                projections.weight(name("embeddings.patch_embedding.weight"), width, 3, size, size);
        Value grid = NeuralOps.patches(pixels, kernel);
        Value rows = ShapeOps.transpose(ShapeOps.reshape(grid, "B", width, patches), 0, 2, 1);
        Value first = projections.weight(name("embeddings.class_embedding"), width);
        Value classes = add(ShapeOps.zerosLike(MathOps.reduceSum(rows, true, 1)), first);
        Value positions =
                projections.weight(
                        name("embeddings.position_embedding.weight"), patches + 1L, width);
        return add(ShapeOps.concat(1, classes, rows), positions);
    }

    private Value layer(int index, Value hidden) {
        String layer = "encoder.layers." + index + ".";
        int width = config.hiddenSize();
        Value x = norm(layer + "layer_norm1", hidden);
        Value attended =
                NeuralOps.multiHeadAttention(
                        linear(layer + "self_attn.q_proj", x, width),
                        linear(layer + "self_attn.k_proj", x, width),
                        linear(layer + "self_attn.v_proj", x, width),
                        config.numAttentionHeads());
        hidden = add(hidden, linear(layer + "self_attn.out_proj", attended, width));
        x = norm(layer + "layer_norm2", hidden);
        x = linear(layer + "mlp.fc1", x, config.intermediateSize());
        x = NeuralOps.activation(config.details().hiddenAct(), x);
        return add(hidden, linear(layer + "mlp.fc2", x, width));
    }

    private Value linear(String module, Value x, int out) {
        return projections.linear(name(module), x, out, true);
    }

    private Value norm(String module, Value x) {
        int width = config.hiddenSize();
        return NeuralOps.layerNorm(
                x,
                projections.weight(name(module + ".weight"), width),
                projections.weight(name(module + ".bias"), width),
                config.details().layerNormEps());
    }

    private String name(String tensor) {
        return prefix + tensor;
    }

    /** Number of positions, the class token's included. */
    Dim positions() {
        return Dim.of(config.patches() + 1L);
    }
}
