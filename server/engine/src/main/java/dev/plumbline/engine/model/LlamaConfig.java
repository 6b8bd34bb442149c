package dev.plumbline.engine.model;

import java.util.Set;

/** A decoder of Llama's kind, in the names of transformers' {@code LlamaConfig}. */
record LlamaConfig(
        Sizes sizes, double rmsNormEps, String hiddenAct, Biases biases, RopeConfig rope) {
    private static final Set<String> ACTIVATIONS = Set.of("silu", "gelu", "relu", "gelu_new");

    private static final Sizes LLAMA = new Sizes(32000, 4096, 11008, 32, 32, 0, 0);

    /**
     * What the tensors' shapes follow from.
     *
     * @param numKeyValueHeads 0 among defaults: as many as {@code numAttentionHeads}
     * @param headDim may differ from {@code hiddenSize / numAttentionHeads}, which 0 among defaults
     *     stands for
     */
    record Sizes(
            int vocabSize,
            int hiddenSize,
            int intermediateSize,
            int numHiddenLayers,
            int numAttentionHeads,
            int numKeyValueHeads,
            int headDim) {}

    /** Which linear layers add a bias. */
    record Biases(boolean queryKeyValue, boolean output, boolean mlp) {}

    /** With the defaults of {@code LlamaConfig}. */
    static LlamaConfig read(ConfigReader config) {
        String type = config.text("model_type", "llama");
        if (!type.equals("llama")) {
            throw config.unsupported("model_type", type, "llama");
        }
        Sizes sizes = sizes(config, LLAMA);
        boolean attentionBias = config.flag("attention_bias", false);
        return new LlamaConfig(
                sizes,
                config.number("rms_norm_eps", 1e-6),
                activation(config),
                new Biases(attentionBias, attentionBias, config.flag("mlp_bias", false)),
                RopeConfig.read(config, sizes.headDim(), RopeConfig.LLAMA));
    }

    static String activation(ConfigReader config) {
        String activation = config.text("hidden_act", "silu");
        if (!ACTIVATIONS.contains(activation)) {
            throw config.unsupported("hidden_act", activation, ACTIVATIONS.toString());
        }
        return activation;
    }

    static Sizes sizes(ConfigReader config, Sizes defaults) {
        int hidden = config.size("hidden_size", defaults.hiddenSize);
        int heads = config.size("num_attention_heads", defaults.numAttentionHeads);
        int kvDefault = defaults.numKeyValueHeads == 0 ? heads : defaults.numKeyValueHeads;
        int kvHeads = config.size("num_key_value_heads", kvDefault);
        if (heads > hidden) {
            throw config.unsupported(
                    "num_attention_heads",
                    Integer.toString(heads),
                    "at most hidden_size, " + hidden);
        }
        if (heads % kvHeads != 0) {
            throw config.unsupported(
                    "num_key_value_heads",
                    Integer.toString(kvHeads),
                    "a divisor of num_attention_heads, " + heads);
        }
        return new Sizes(
                config.size("vocab_size", defaults.vocabSize),
                hidden,
                config.size("intermediate_size", defaults.intermediateSize),
                config.size("num_hidden_layers", defaults.numHiddenLayers),
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
