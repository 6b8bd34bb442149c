package dev.plumbline.engine.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.graph.NeuralOps;
import dev.plumbline.engine.graph.ShapeOps;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import java.util.Map;
import java.util.Set;

/**
 * What the configuration of a CLIP checkpoint says: its tensors and its two graphs.
 *
 * @param dimension of the space that pictures and texts share
 */
record ClipConfig(ClipTextConfig text, VisionConfig vision, int dimension) {
    static final String NAME = "clip";

    static ClipConfig read(JsonNode json) {
        ConfigReader config = new ConfigReader(json);
        String type = config.text("model_type", "");
        if (!type.equals(NAME)) {
            throw config.unsupported("model_type", "'" + type + "'", NAME);
        }
        return new ClipConfig(
                ClipTextConfig.read(tower(config, "text_config")),
                VisionConfig.read(tower(config, "vision_config")),
                config.size("projection_dim", 512));
    }

    /**
     * Old checkpoints say some things in {@code text_config_dict}: where it is, transformers has
     * it, completed by the defaults, overrule {@code text_config} in all that a tower is made of.
     */
    private static ConfigReader tower(ConfigReader config, String key) {
        return config.child(config.has(key + "_dict") ? key + "_dict" : key);
    }

    /** Tensors that the checkpoint must hold, by canonical name. */
    Map<String, Shape> tensors() {
        return LlamaWithPictures.weights(images(), texts());
    }

    /** Tensors that it may hold and that are not used. */
    Set<String> ignorable() {
        return Set.of("logit_scale");
    }

    /** {@code pixel_values} [B, 3, size, size] to {@code embeddings} [B, dimension]. */
    Graph images() {
        GraphBuilder builder = new GraphBuilder("clip_images");
        Projections projections = new Projections(builder, Set.of());
        int size = vision.imageSize();
        Value pixels = builder.input("pixel_values", DType.F32, Dim.shape("B", 3, size, size));
        Value pooled = new ClipVisionTower(vision, projections, "vision_model.").pooled(pixels);
        Value projected = project(pooled, projections, "visual_projection.weight");
        Value first = ShapeOps.slice(projected, 1, 0, 1);
        builder.output("embeddings", ShapeOps.reshape(first, "B", dimension));
        return builder.build();
    }

    /**
     * {@code input_ids} [B, S], {@code positions} [S] and {@code ends} [N] to {@code embeddings}
     * [N, dimension]; see {@link ClipTextTower#pooled}.
     */
    Graph texts() {
        GraphBuilder builder = new GraphBuilder("clip_texts");
        Projections projections = new Projections(builder, Set.of());
        Value ids = builder.input("input_ids", DType.I64, Dim.shape("B", "S"));
        Value positions = builder.input("positions", DType.I64, Dim.shape("S"));
        Value ends = builder.input("ends", DType.I64, Dim.shape("N"));
        ClipTextTower tower = new ClipTextTower(text, projections, "text_model.");
        Value pooled = tower.pooled(ids, positions, ends);
        builder.output("embeddings", project(pooled, projections, "text_projection.weight"));
        return builder.build();
    }

    private Value project(Value pooled, Projections projections, String name) {
        return NeuralOps.linear(pooled, projections.weight(name, dimension, pooled.size(-1)));
    }
}
