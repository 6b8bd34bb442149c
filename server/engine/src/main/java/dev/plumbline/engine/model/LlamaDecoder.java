package dev.plumbline.engine.model;

import static dev.plumbline.engine.graph.MathOps.add;
import static dev.plumbline.engine.graph.MathOps.mul;

import dev.plumbline.engine.graph.NeuralOps;
import dev.plumbline.engine.graph.ShapeOps;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The layers of a Llama decoder. How positions attend is given, so that serving and training share
 * all else.
 */
final class LlamaDecoder {
    private static final String PREFIX = "language_model.model.";

    private final LlamaConfig config;
    private final Projections projections;

    LlamaDecoder(LlamaConfig config, Projections projections) {
        this.config = config;
        this.projections = projections;
    }

    /** How the positions of one layer attend to one another. */
    @FunctionalInterface
    interface Attention {
        /**
         * What each position takes from those it may look at.
         *
         * @param q [B, S, heads * head_dim], not yet rotated
         * @param k [B, S, kv_heads * head_dim], not yet rotated
         * @param v [B, S, kv_heads * head_dim]
         * @return [B, S, heads * head_dim]
         */
        Value attend(int layer, Value q, Value k, Value v);
    }

    /** Token ids [B, S] to embeddings [B, S, hidden]. */
    Value embed(Value ids) {
        return ShapeOps.gather(
                projections.weight(
                        PREFIX + "embed_tokens.weight",
                        config.sizes().vocabSize(),
                        config.sizes().hiddenSize()),
                ids);
    }

    /** All layers, without the last norm. */
    Value layers(Value hidden, Attention attention) {
        for (int layer = 0; layer < config.sizes().numHiddenLayers(); layer++) {
            Value attended = attended(layer, hidden, attention);
            hidden = layer(layer, hidden, attended);
        }
        return hidden;
    }

    /**
     * All layers, without the last norm, for some positions only: what comes after the last layer's
     * attention is done for these alone.
     *
     * @param wanted positions [N], counted through the batch
     * @return [N, hidden]
     */
    Value layers(Value hidden, Attention attention, Value wanted) {
        int last = config.sizes().numHiddenLayers() - 1;
        for (int layer = 0; layer < last; layer++) {
            hidden = layer(layer, hidden, attended(layer, hidden, attention));
        }
        Value attended = attended(last, hidden, attention);
        projections.narrow(wanted);
        return layer(
                last,
                ShapeOps.gather(ShapeOps.flatten(hidden), wanted),
                ShapeOps.gather(ShapeOps.flatten(attended), wanted));
    }

    /** The last norm and the head: hidden states [..., hidden] to logits [..., vocabulary]. */
    Value logits(Value hidden, String headWeight) {
        Value head =
                projections.weight(
                        headWeight, config.sizes().vocabSize(), config.sizes().hiddenSize());
        return NeuralOps.linear(norm(PREFIX + "norm", hidden), head);
    }

    private Value attended(int index, Value hidden, Attention attention) {
        String layer = layerName(index);
        String attn = layer + "self_attn.";
        boolean bias = config.biases().queryKeyValue();
        Value x = norm(layer + "input_layernorm", hidden);
        Value q = projections.linear(attn + "q_proj", x, config.queryWidth(), bias);
        Value k = projections.linear(attn + "k_proj", x, config.keyValueWidth(), bias);
        Value v = projections.linear(attn + "v_proj", x, config.keyValueWidth(), bias);
        return attention.attend(index, q, k, v);
    }

    /** What a layer does with each position alone. */
    private Value layer(int index, Value hidden, Value attended) {
        LlamaConfig.Sizes sizes = config.sizes();
        String layer = layerName(index);
        String output = layer + "self_attn.o_proj";
        boolean outputBias = config.biases().output();
        hidden = add(hidden, projections.linear(output, attended, sizes.hiddenSize(), outputBias));
        String mlp = layer + "mlp.";
        Value x = norm(layer + "post_attention_layernorm", hidden);
        boolean mlpBias = config.biases().mlp();
        Value gate = projections.linear(mlp + "gate_proj", x, sizes.intermediateSize(), mlpBias);
        Value up = projections.linear(mlp + "up_proj", x, sizes.intermediateSize(), mlpBias);
        Value product = mul(NeuralOps.activation(config.hiddenAct(), gate), up);
        return add(
                hidden,
                projections.linear(mlp + "down_proj", product, sizes.hiddenSize(), mlpBias));
    }

    private static String layerName(int index) {
        return PREFIX + "layers." + index + ".";
    }

    private Value norm(String name, Value x) {
        Value scale = projections.weight(name + ".weight", config.sizes().hiddenSize());
        return NeuralOps.rmsNorm(x, scale, config.rmsNormEps());
    }

    /** The linear layers by name, with their shapes [out, in], in the order of the layers. */
    static Map<String, Shape> linearModules(LlamaConfig config) {
        LlamaConfig.Sizes sizes = config.sizes();
        Map<String, Shape> modules = new LinkedHashMap<>();
        for (int index = 0; index < sizes.numHiddenLayers(); index++) {
            String layer = layerName(index);
            String attn = layer + "self_attn.";
            modules.put(attn + "q_proj", Shape.of(config.queryWidth(), sizes.hiddenSize()));
            modules.put(attn + "k_proj", Shape.of(config.keyValueWidth(), sizes.hiddenSize()));
            modules.put(attn + "v_proj", Shape.of(config.keyValueWidth(), sizes.hiddenSize()));
            modules.put(attn + "o_proj", Shape.of(sizes.hiddenSize(), config.queryWidth()));
            String mlp = layer + "mlp.";
            modules.put(mlp + "gate_proj", Shape.of(sizes.intermediateSize(), sizes.hiddenSize()));
            modules.put(mlp + "up_proj", Shape.of(sizes.intermediateSize(), sizes.hiddenSize()));
            modules.put(mlp + "down_proj", Shape.of(sizes.hiddenSize(), sizes.intermediateSize()));
        }
        return modules;
    }
}
