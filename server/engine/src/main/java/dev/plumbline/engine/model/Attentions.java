package dev.plumbline.engine.model;

import static dev.plumbline.engine.graph.MathOps.add;
import static dev.plumbline.engine.graph.MathOps.mul;
import static dev.plumbline.engine.graph.NeuralOps.matmul;
import static dev.plumbline.engine.graph.NeuralOps.rotary;
import static dev.plumbline.engine.graph.NeuralOps.softmax;
import static dev.plumbline.engine.graph.ShapeOps.reshape;
import static dev.plumbline.engine.graph.ShapeOps.transpose;

import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.graph.NeuralOps;
import dev.plumbline.engine.graph.ShapeOps;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.tensor.DType;
import java.util.List;

/** The two ways in which a Llama's positions attend: fused over a cache, and differentiable. */
final class Attentions {
    static final String COS = "rope_cos";
    static final String SIN = "rope_sin";

    /** Heads of other widths are refused by the fused kernel. */
    private static final int FUSED_MULTIPLE = 8;

    private Attentions() {}

    /** The width that a head has in the cache: as the fused kernel takes it, zeros at its end. */
    static int cachedWidth(int headDim) {
        return Math.ceilDiv(headDim, FUSED_MULTIPLE) * FUSED_MULTIPLE;
    }

    /** Name of a layer's cached keys or values: as an input, and with {@code present} as output. */
    static String cache(String time, int layer, String what) {
        return time + "." + layer + "." + what;
    }

    /**
     * ONNX Runtime's fused kernel over a cache that is read and written in place. Makes the inputs
     * {@code rope_cos} and {@code rope_sin} [B, S, head_dim / 2], {@code seqlens_k} [B], {@code
     * total_sequence_length} and, a layer, {@code past.N.key} and {@code past.N.value} [B,
     * kv_heads, capacity, cached width], and the outputs {@code present.N.*}.
     */
    static LlamaDecoder.Attention fused(LlamaConfig config, GraphBuilder builder) {
        LlamaConfig.Sizes sizes = config.sizes();
        Value lengths = builder.input("seqlens_k", DType.I32, Dim.shape("B"));
        Value total = builder.input("total_sequence_length", DType.I32, Dim.shape());
        Rotation rotation = new Rotation(config, builder);
        int heads = sizes.numAttentionHeads();
        int kvHeads = sizes.numKeyValueHeads();
        int headDim = sizes.headDim();
        int width = cachedWidth(headDim);
        List<Dim> dims = Dim.shape("B", kvHeads, "capacity", width);
        return (layer, q, k, v) -> {
            Value keys = builder.input(cache("past", layer, "key"), DType.F32, dims);
            Value values = builder.input(cache("past", layer, "value"), DType.F32, dims);
            List<Value> out =
                    NeuralOps.groupQueryAttention(
                            List.of(
                                    resized(rotation.of(q), heads, headDim, width),
                                    resized(rotation.of(k), kvHeads, headDim, width),
                                    resized(v, kvHeads, headDim, width),
                                    keys,
                                    values,
                                    lengths,
                                    total),
                            heads,
                            kvHeads,
                            1 / Math.sqrt(headDim),
                            List.of(
                                    "attended." + layer,
                                    cache("present", layer, "key"),
                                    cache("present", layer, "value")));
            builder.output(out.get(1));
            builder.output(out.get(2));
            return resized(out.get(0), heads, width, headDim);
        };
    }

    /**
     * [B, S, heads * from] to [B, S, heads * to]: zeros at the end of each head, or its end cut.
     */
    private static Value resized(Value x, int heads, int from, int to) {
        if (from == to) {
            return x;
        }
        Value apart = reshape(x, "B", "S", heads, from);
        while (apart.size(3) < to) {
            apart = ShapeOps.concat(3, apart, ShapeOps.zerosLike(apart));
        }
        return reshape(ShapeOps.slice(apart, 3, 0, to), "B", "S", heads * to);
    }

    /**
     * Plain products and a softmax, which have gradients. The query heads that share a key head
     * stand in one matrix, so that nothing is copied for them. Makes the inputs {@code rope_cos}
     * and {@code rope_sin} [B, S, head_dim / 2] and {@code attention_bias} [B, 1, 1, S, S], 0 where
     * a position (row) may look at another, else minus infinity.
     */
    static LlamaDecoder.Attention differentiable(LlamaConfig config, GraphBuilder builder) {
        LlamaConfig.Sizes sizes = config.sizes();
        int heads = sizes.numAttentionHeads();
        int kvHeads = sizes.numKeyValueHeads();
        int headDim = sizes.headDim();
        Dim group = Dim.of(heads / kvHeads);
        Dim rows = group.times(Dim.of("S"));
        Value bias = builder.input("attention_bias", DType.F32, Dim.shape("B", 1, 1, "S", "S"));
        Rotation rotation = new Rotation(config, builder);
        double scale = 1 / Math.sqrt(headDim);
        return (layer, q, k, v) -> {
            Value queries = split(mul(rotation.of(q), scale), heads, headDim);
            queries = reshape(queries, "B", kvHeads, rows, headDim);
            Value keys = split(rotation.of(k), kvHeads, headDim);
            Value scores = matmul(queries, false, keys, true);
            scores = add(reshape(scores, "B", kvHeads, group, "S", "S"), bias);
            Value shares = reshape(softmax(scores), "B", kvHeads, rows, "S");
            Value attended = matmul(shares, split(v, kvHeads, headDim));
            attended = reshape(attended, "B", heads, "S", headDim);
            return reshape(transpose(attended, 0, 2, 1, 3), "B", "S", heads * headDim);
        };
    }

    /** [B, S, heads * head_dim] to [B, heads, S, head_dim]. */
    private static Value split(Value x, int heads, int headDim) {
        return transpose(reshape(x, "B", "S", heads, headDim), 0, 2, 1, 3);
    }

    /** Rotary positions, given with each run. */
    private static final class Rotation {
        private final Value cos;
        private final Value sin;

        Rotation(LlamaConfig config, GraphBuilder builder) {
            List<Dim> dims = Dim.shape("B", "S", config.sizes().headDim() / 2);
            this.cos = builder.input(COS, DType.F32, dims);
            this.sin = builder.input(SIN, DType.F32, dims);
        }

        Value of(Value x) {
            return rotary(x, cos, sin);
        }
    }
}
