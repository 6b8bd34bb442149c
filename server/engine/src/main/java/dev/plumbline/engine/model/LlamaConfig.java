package dev.plumbline.engine.model;

import java.util.Set;

/** A Llama decoder, in the names of transformers' {@code LlamaConfig} and with its defaults. */
record LlamaConfig(
        Sizes sizes,
        double rmsNormEps,
        String hiddenAct,
        boolean attentionBias,
        boolean mlpBias,
        RopeConfig rope) {
    private static final Set<String> ACTIVATIONS = Set.of("silu", "gelu", "relu", "gelu_new");

    /**
     * What the tensors' shapes follow from.
     *
     * @param headDim may differ from {@code hiddenSize / numAttentionHeads}
     */
    record Sizes(
            int vocabSize,
            int hiddenSize,
            int intermediateSize,
            int numHiddenLayers,
            int numAttentionHeads,
            int numKeyValueHeads,
            int headDim) {}

    static LlamaConfig read(ConfigReader config) {
        String type = config.text("model_type", "llama");
        if (!type.equals("llama")) {
            throw config.unsupported("model_type", type, "llama");
        }
        Sizes sizes = sizes(config);
        String activation = config.text("hidden_act", "silu");
        if (!ACTIVATIONS.contains(activation)) {
            throw config.unsupported("hidden_act", activation, ACTIVATIONS.toString());
        }
        return new LlamaConfig(
                sizes,
                config.number("rms_norm_eps", 1e-6),
                activation,
                config.flag("attention_bias", false),
                config.flag("mlp_bias", false),
                RopeConfig.read(config, sizes.headDim()));
    }

    private static Sizes sizes(ConfigReader config) {
        int hidden = config.size("hidden_size", 4096);
        int heads = config.size("num_attention_heads", 32);
        int kvHeads = config.size("num_key_value_heads", heads);
        if (heads % kvHeads != 0) {
            throw config.unsupported(
                    "num_key_value_heads",
                    Integer.toString(kvHeads),
                    "a divisor of num_attention_heads, " + heads);
        }
        return new Sizes(
                config.size("vocab_size", 32000),
                hidden,
                config.size("intermediate_size", 11008),
                config.size("num_hidden_layers", 32),
                heads,
                kvHeads,
                config.size("head_dim", hidden / heads));
    }

    int contextLength() {
        return rope.maxPositionEmbeddings();
    }

    int queryWidth() {
        return sizes.numAttentionHeads * sizes.headDim;
    }

    int keyValueWidth() {
        return sizes.numKeyValueHeads * sizes.headDim;
    }
}
