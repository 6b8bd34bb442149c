package dev.plumbline.engine.model;

import java.util.Set;

/** A CLIP vision tower, in the names of transformers' {@code CLIPVisionConfig}. */
record VisionConfig(
        int hiddenSize,
        int intermediateSize,
        int numHiddenLayers,
        int numAttentionHeads,
        int imageSize,
        int patchSize,
        Details details) {
    /** What no shape follows from. */
    record Details(String hiddenAct, double layerNormEps) {}

    static VisionConfig read(ConfigReader config) {
        String type = config.text("model_type", "clip_vision_model");
        if (!type.equals("clip_vision_model")) {
            throw config.unsupported("model_type", type, "clip_vision_model");
        }
        String activation = config.text("hidden_act", "quick_gelu");
        if (!Set.of("quick_gelu", "gelu", "relu").contains(activation)) {
            throw config.unsupported("hidden_act", activation, "quick_gelu, gelu, relu");
        }
        int hidden = config.size("hidden_size", 768);
        int heads = config.size("num_attention_heads", 12);
        if (hidden % heads != 0) {
            throw config.unsupported(
                    "num_attention_heads",
                    Integer.toString(heads),
                    "a divisor of hidden_size, " + hidden);
        }
        return new VisionConfig(
                hidden,
                config.size("intermediate_size", 3072),
                config.size("num_hidden_layers", 12),
                heads,
                config.size("image_size", 224),
                config.size("patch_size", 32),
                new Details(activation, config.number("layer_norm_eps", 1e-5)));
    }

    ClipEncoder.Sizes sizes() {
        return new ClipEncoder.Sizes(
                hiddenSize,
                intermediateSize,
                numAttentionHeads,
                details.hiddenAct(),
                details.layerNormEps());
    }

    /** Patches of one picture. */
    int patches() {
        int side = imageSize / patchSize;
        return side * side;
    }
}
