package dev.plumbline.engine.graph;

import java.util.List;
import java.util.Map;

/** Matrix products, norms, activations and attention. */
public final class NeuralOps {
    private NeuralOps() {}

    public static Value matmul(Value a, Value b) {
        return matmul(a, false, b, false);
    }

    /**
     * {@code x} with some elements zero.
     *
     * @param x [..., in]
     * @param tokens I32 [..., 1], odd
     * @param features I32 [in]
     * @param least I32; an element stays where the product of its keys, which wraps around, is at
     *     least this
     */
    public static Value dropout(Value x, Value tokens, Value features, Value least) {
        return x.builder().apply(Op.DROPOUT, List.of(x, tokens, features, least), Attributes.NONE);
    }

    /** The product over the last two axes, either matrix transposed first. */
    public static Value matmul(Value a, boolean transA, Value b, boolean transB) {
        return a.builder()
                .apply(
                        Op.MATMUL,
                        List.of(a, b),
                        Attributes.of("transA", transA ? 1L : 0L, "transB", transB ? 1L : 0L));
    }

    /** {@code x W^T} with W as Hugging Face stores it, [out, in]. */
    public static Value linear(Value x, Value weight) {
        return matmul(x, false, weight, true);
    }

    public static Value softmax(Value x) {
        return x.builder().apply(Op.SOFTMAX, List.of(x), Attributes.of("axis", -1L));
    }

    public static Value logSoftmax(Value x) {
        return x.builder().apply(Op.LOG_SOFTMAX, List.of(x), Attributes.of("axis", -1L));
    }

    public static Value layerNorm(Value x, Value scale, Value bias, double epsilon) {
        return x.builder()
                .apply(
                        Op.LAYER_NORM,
                        List.of(x, scale, bias),
                        Attributes.of("axis", -1L, "epsilon", (float) epsilon));
    }

    public static Value rmsNorm(Value x, Value scale, double epsilon) {
        return x.builder()
                .apply(
                        Op.RMS_NORM,
                        List.of(x, scale),
                        Attributes.of("axis", -1L, "epsilon", (float) epsilon));
    }

    /**
     * Rotary positions, halves rotated (not interleaved).
     *
     * @param x [B, S, heads * head_dim] or [B, heads, S, head_dim]
     * @param cos [B, S, head_dim / 2]
     * @param sin likewise
     */
    public static Value rotary(Value x, Value cos, Value sin) {
        long heads = x.rank() == 3 ? x.size(2) / (2 * cos.size(2)) : x.size(1);
        return x.builder()
                .apply(Op.ROTARY, List.of(x, cos, sin), Attributes.of("num_heads", heads));
    }

    /** A convolution whose windows do not overlap. */
    public static Value patches(Value x, Value weight) {
        List<Long> strides = List.of(weight.size(2), weight.size(3));
        return x.builder().apply(Op.CONV, List.of(x, weight), Attributes.of("strides", strides));
    }

    /** An activation by Hugging Face's name. */
    public static Value activation(String name, Value x) {
        return switch (name) {
            case "silu", "swish" -> MathOps.mul(x, MathOps.sigmoid(x));
            case "gelu" -> gelu(x, "none");
            case "gelu_pytorch_tanh", "gelu_new" -> gelu(x, "tanh");
            case "quick_gelu" ->
                    x.builder().apply(Op.QUICK_GELU, List.of(x), Attributes.of("alpha", 1.702f));
            case "relu" -> MathOps.unary(Op.RELU, x);
            default -> throw new IllegalArgumentException("no activation named " + name);
        };
    }

    private static Value gelu(Value x, String approximate) {
        return x.builder().apply(Op.GELU, List.of(x), Attributes.of("approximate", approximate));
    }

    /** Attention of every position to every position; q, k and v are [B, S, heads * head_dim]. */
    public static Value multiHeadAttention(Value q, Value k, Value v, long heads) {
        return q.builder()
                .apply(
                        Op.MULTI_HEAD_ATTENTION,
                        List.of(q, k, v),
                        Attributes.of("num_heads", heads));
    }

    /** As {@link #multiHeadAttention}, but no position looks at later ones. */
    public static Value causalMultiHeadAttention(Value q, Value k, Value v, long heads) {
        return q.builder()
                .apply(
                        Op.MULTI_HEAD_ATTENTION,
                        List.of(q, k, v),
                        Attributes.of("num_heads", heads, "unidirectional", 1L));
    }

    /**
     * As {@link #multiHeadAttention}, but nobody looks at some positions.
     *
     * @param mask [B, S] of I32: 0 for a position that is not looked at, else 1
     */
    public static Value maskedMultiHeadAttention(
            Value q, Value k, Value v, Value mask, long heads) {
        return q.builder()
                .apply(
                        Op.MULTI_HEAD_ATTENTION,
                        List.of(q, k, v, mask),
                        Attributes.of("num_heads", heads));
    }

    /**
     * Causal grouped-query attention over a cache; see {@link Op#GROUP_QUERY_ATTENTION}.
     *
     * @param scale of the products of queries and keys
     * @param names of the three outputs: attended [B, S, heads * head_dim], keys and values
     */
    public static List<Value> groupQueryAttention(
            List<Value> inputs, long heads, long kvHeads, double scale, List<String> names) {
        return inputs.getFirst()
                .builder()
                .applyAll(
                        Op.GROUP_QUERY_ATTENTION,
                        inputs,
                        new Attributes(
                                Map.of(
                                        "num_heads",
                                        heads,
                                        "kv_num_heads",
                                        kvHeads,
                                        "scale",
                                        (float) scale)),
                        names);
    }
}
