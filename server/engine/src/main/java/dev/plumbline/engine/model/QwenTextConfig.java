package dev.plumbline.engine.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * Reads Qwen2.5-VL's decoder, with the defaults of transformers' {@code Qwen2_5_VLTextConfig}: a
 * Llama with biases on queries, keys and values, and rotary positions of three sections.
 */
final class QwenTextConfig {
    private static final LlamaConfig.Sizes DEFAULTS =
            new LlamaConfig.Sizes(152064, 8192, 29568, 80, 64, 8, 0);
    private static final RopeConfig.Defaults ROPE =
            new RopeConfig.Defaults(1e6, 32768, List.of(16, 24, 24));

    private QwenTextConfig() {}

    /**
     * Where the text's fields stand: in {@code text_config}, or beside all else as in published
     * checkpoints.
     */
    static ConfigReader fields(ConfigReader root) {
        if (!root.has("text_config")) {
            return root;
        }
        ConfigReader text = root.child("text_config");
        String type = text.text("model_type", "qwen2_5_vl_text");
        if (!type.equals("qwen2_5_vl_text")) {
            throw text.unsupported("model_type", type, "qwen2_5_vl_text");
        }
        return text;
    }

    static LlamaConfig read(ConfigReader fields) {
        LlamaConfig.Sizes sizes = LlamaConfig.sizes(fields, DEFAULTS);
        int heads = sizes.numAttentionHeads();
        if (sizes.headDim() * heads != sizes.hiddenSize()) {
            throw fields.unsupported(
                    "num_attention_heads",
                    Integer.toString(heads),
                    "a divisor of hidden_size, %d, with head_dim their quotient"
                            .formatted(sizes.hiddenSize()));
        }
        RopeConfig rope = RopeConfig.read(fields, sizes.headDim(), ROPE);
        requireFullAttention(fields, sizes.numHiddenLayers(), rope.maxPositionEmbeddings());
        return new LlamaConfig(
                sizes,
                fields.number("rms_norm_eps", 1e-5),
                LlamaConfig.activation(fields),
                new LlamaConfig.Biases(true, false, false),
                rope);
    }

    /** A window that no layer has, or that holds the whole context, changes nothing. */
    private static void requireFullAttention(ConfigReader fields, int layers, int context) {
        boolean slides = fields.size("max_window_layers", 80) < layers;
        for (JsonNode type : fields.node().path("layer_types")) {
            slides |= !type.asText().equals("full_attention");
        }
        if (fields.flag("use_sliding_window", false)
                && slides
                && fields.size("sliding_window", 4096) < context) {
            throw fields.unsupported(
                    "use_sliding_window", "true", "false: every layer looks at the whole context");
        }
    }
}
