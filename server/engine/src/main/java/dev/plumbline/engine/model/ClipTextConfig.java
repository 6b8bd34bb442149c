package dev.plumbline.engine.model;

import java.util.Set;

/**
 * CLIP's text tower, in the names of transformers' {@code CLIPTextConfig}.
 *
 * @param endId the token at which a text's vector is read off; {@link #OLD_END} says that it is the
 *     greatest of the text's ids
 */
record ClipTextConfig(
        ClipEncoder.Sizes sizes,
        int numHiddenLayers,
        int vocabSize,
        int maxPositionEmbeddings,
        int endId) {
    /** What configurations said before the end token's true id was written into them. */
    static final int OLD_END = 2;

    private static final Set<String> ACTIVATIONS = Set.of("quick_gelu", "gelu", "relu");

    static ClipTextConfig read(ConfigReader config) {
        String type = config.text("model_type", "clip_text_model");
        if (!type.equals("clip_text_model")) {
            throw config.unsupported("model_type", type, "clip_text_model");
        }
        String activation = config.text("hidden_act", "quick_gelu");
        if (!ACTIVATIONS.contains(activation)) {
            throw config.unsupported("hidden_act", activation, "quick_gelu, gelu, relu");
        }
        int hidden = config.size("hidden_size", 512);
        int heads = config.size("num_attention_heads", 8);
        if (hidden % heads != 0) {
            throw config.unsupported(
                    "num_attention_heads",
                    Integer.toString(heads),
                    "a divisor of hidden_size, " + hidden);
        }
        return new ClipTextConfig(
                new ClipEncoder.Sizes(
                        hidden,
                        config.size("intermediate_size", 2048),
                        heads,
                        activation,
                        config.number("layer_norm_eps", 1e-5)),
                config.size("num_hidden_layers", 12),
                config.size("vocab_size", 49408),
                config.size("max_position_embeddings", 77),
                config.id("eos_token_id", 49407));
    }
}
