package dev.plumbline.engine.model;

import static dev.plumbline.engine.graph.MathOps.add;
import static dev.plumbline.engine.graph.MathOps.mul;
import static dev.plumbline.engine.graph.ShapeOps.gather;
import static dev.plumbline.engine.graph.ShapeOps.reshape;
import static dev.plumbline.engine.graph.ShapeOps.slice;

import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.graph.NeuralOps;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.tensor.DType;
import java.util.Set;

/**
 * Qwen2.5-VL's vision transformer (Bai et al. 2025, arXiv 2502.13923) over the patches of one
 * picture, of any size. In most layers a patch looks only at those of its window, so that the
 * patches stand window after window from the first layer on; {@link QwenWindows} says where.
 */
final class QwenVisionTower {
    static final String PIXELS = "pixel_values";
    static final String COS = "rope_cos";
    static final String SIN = "rope_sin";
    static final String WINDOW_ORDER = "window_order";
    static final String TOKEN_ORDER = "token_order";
    static final String WINDOW_ROWS = "window_rows";
    static final String WINDOW_MASK = "window_mask";
    static final String PATCH_PLACES = "patch_places";

    private static final String PREFIX = "visual.";
    private static final double EPSILON = 1e-6;
    static final String PATCHES = "patches";

    private final QwenVisionConfig config;
    private final Projections projections;
    private final Inputs inputs;

    /**
     * What the graph is fed, made by {@link QwenPictures}.
     *
     * @param pixels [patches, channels * frames * size * size], in the image processor's order
     * @param windowOrder [tokens]: the image token that stands at each place among the windows
     * @param tokenOrder [tokens]: its inverse
     * @param rotation cosines and sines [1, patches, head_dim / 2], window after window
     * @param windows where windows are attended in
     */
    private record Inputs(
            Value pixels, Value windowOrder, Value tokenOrder, Rotation rotation, Windows windows) {
        static Inputs of(GraphBuilder builder, QwenVisionConfig config) {
            int half = config.headDim() / 2;
            return new Inputs(
                    builder.input(
                            PIXELS, DType.F32, Dim.shape(PATCHES, config.patching().values())),
                    builder.input(WINDOW_ORDER, DType.I64, Dim.shape("tokens")),
                    builder.input(TOKEN_ORDER, DType.I64, Dim.shape("tokens")),
                    new Rotation(
                            builder.input(COS, DType.F32, Dim.shape(1, PATCHES, half)),
                            builder.input(SIN, DType.F32, Dim.shape(1, PATCHES, half))),
                    new Windows(
                            builder.input(WINDOW_ROWS, DType.I64, Dim.shape("windows", "window")),
                            builder.input(WINDOW_MASK, DType.I32, Dim.shape("windows", "window")),
                            builder.input(PATCH_PLACES, DType.I64, Dim.shape(PATCHES))));
        }
    }

    /** Rotary positions of the patches. */
    private record Rotation(Value cos, Value sin) {
        Value of(Value x) {
            return NeuralOps.rotary(x, cos, sin);
        }
    }

    /**
     * Windows of one size: those at the border are filled up, and what fills them is masked.
     *
     * @param rows [windows, window]: the patch at each place of each window, any where there is
     *     none
     * @param mask [windows, window]: 1 where there is a patch, else 0
     * @param places [patches]: the place of each patch, counted through all windows
     */
    private record Windows(Value rows, Value mask, Value places) {
        /** [1, patches, width] to [windows, window, width]. */
        Value split(Value x) {
            return gather(reshape(x, PATCHES, x.size(-1)), rows);
        }

        /** [windows, window, width] to [1, patches, width]. */
        Value join(Value x) {
            long width = x.size(-1);
            return reshape(gather(reshape(x, "places", width), places), 1, PATCHES, width);
        }
    }

    private QwenVisionTower(QwenVisionConfig config, GraphBuilder builder) {
        this.config = config;
        this.projections = new Projections(builder, Set.of());
        this.inputs = Inputs.of(builder, config);
    }

    /** The patches of one picture to {@code features} [tokens, out_hidden_size], row by row. */
    static Graph graph(QwenVisionConfig config) {
        GraphBuilder builder = new GraphBuilder("vision");
        builder.output("features", new QwenVisionTower(config, builder).features());
        return builder.build();
    }

    private Value features() {
        Value hidden = embed();
        for (int layer = 0; layer < config.depth(); layer++) {
            hidden = layer(layer, hidden);
        }
        return gather(merge(hidden), inputs.tokenOrder());
    }

    /** Patches, window after window, as [1, patches, hidden]. */
    private Value embed() {
        int width = config.patching().values();
        int merged = config.mergedPatches();
        Value tokens = reshape(inputs.pixels(), "tokens", (long) merged * width);
        Value ordered = reshape(gather(tokens, inputs.windowOrder()), PATCHES, width);
        // A convolution whose windows do not overlap is a product with each.
        Value kernel = reshape(kernel(), config.hiddenSize(), width);
        return reshape(NeuralOps.linear(ordered, kernel), 1, PATCHES, config.hiddenSize());
    }

    private Value kernel() {
        int size = config.patching().size();
        return projections.weight(
                PREFIX + "patch_embed.proj.weight",
                config.hiddenSize(),
                3,
                config.patching().frames(),
                size,
                size);
    }

    private Value layer(int index, Value hidden) {
        String block = PREFIX + "blocks." + index + ".";
        Value x = norm(block + "norm1", hidden);
        Value attended =
                attend(index, projections.linear(block + "attn.qkv", x, 3L * width(), true));
        hidden = add(hidden, projections.linear(block + "attn.proj", attended, width(), true));
        x = norm(block + "norm2", hidden);
        String mlp = block + "mlp.";
        Value gate = projections.linear(mlp + "gate_proj", x, config.intermediateSize(), true);
        Value up = projections.linear(mlp + "up_proj", x, config.intermediateSize(), true);
        Value product = mul(NeuralOps.activation(config.details().hiddenAct(), gate), up);
        return add(hidden, projections.linear(mlp + "down_proj", product, width(), true));
    }

    /** Queries, keys and values [1, patches, 3 * hidden] to what each patch takes. */
    private Value attend(int index, Value qkv) {
        Value q = inputs.rotation().of(slice(qkv, 2, 0, width()));
        Value k = inputs.rotation().of(slice(qkv, 2, width(), 2L * width()));
        Value v = slice(qkv, 2, 2L * width(), 3L * width());
        if (config.details().fullAttention().contains(index)) {
            return NeuralOps.multiHeadAttention(q, k, v, config.numHeads());
        }
        Windows windows = inputs.windows();
        return windows.join(
                NeuralOps.maskedMultiHeadAttention(
                        windows.split(q),
                        windows.split(k),
                        windows.split(v),
                        windows.mask(),
                        config.numHeads()));
    }

    /** The patches of each image token side by side, through two layers. */
    private Value merge(Value hidden) {
        long merged = (long) config.mergedPatches() * width();
        Value x = reshape(norm(PREFIX + "merger.ln_q", hidden), "tokens", merged);
        x =
                NeuralOps.activation(
                        "gelu", projections.linear(PREFIX + "merger.mlp.0", x, merged, true));
        return projections.linear(PREFIX + "merger.mlp.2", x, config.outHiddenSize(), true);
    }

    private Value norm(String name, Value x) {
        return NeuralOps.rmsNorm(x, projections.weight(name + ".weight", width()), EPSILON);
    }

    private int width() {
        return config.hiddenSize();
    }
}
