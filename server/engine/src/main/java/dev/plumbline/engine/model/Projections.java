package dev.plumbline.engine.model;

import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.graph.MathOps;
import dev.plumbline.engine.graph.NeuralOps;
import dev.plumbline.engine.graph.ShapeOps;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Linear layers of a graph, with LoRA (Hu et al. 2021, arXiv 2106.09685) on some of them: {@code y
 * = x W^T + (x A^T) B^T}. A [rank, in] and B [out, rank] are inputs whose rank is known only when
 * the graph runs; the scaling is part of B.
 *
 * <p>Sequences of one batch may have different adapters ({@link #masked}): their A's and B's stand
 * one after another along the rank, the same for all layers, and the input {@code lora_mask} [B, 1,
 * R] says which of them hold for a sequence. What does not hold is exactly zero.
 */
public final class Projections {
    /** The input that says which adapters hold for a sequence. */
    public static final String MASK = "lora_mask";

    private final GraphBuilder builder;
    private final Set<String> adapted;
    private final Kind kind;
    private final Map<String, Value> loraInputs = new LinkedHashMap<>();
    private @Nullable Value mask;
    private @Nullable Value tokenKeys;
    private @Nullable Value leastKey;
    private @Nullable Value scale;

    /** What is special about LoRA. */
    private enum Kind {
        PLAIN,
        MASKED,
        DROPPED
    }

    /**
     * @param adapted names of the modules with LoRA
     */
    public Projections(GraphBuilder builder, Set<String> adapted) {
        this(builder, adapted, Kind.PLAIN);
    }

    private Projections(GraphBuilder builder, Set<String> adapted, Kind kind) {
        this.builder = builder;
        this.adapted = adapted;
        this.kind = kind;
    }

    /**
     * Layers of a graph for training.
     *
     * @param dropout whether it asks for the inputs of {@link LoraDropout}
     */
    public static Projections training(GraphBuilder builder, Set<String> adapted, boolean dropout) {
        return new Projections(builder, adapted, dropout ? Kind.DROPPED : Kind.PLAIN);
    }

    /** Layers of a graph whose sequences have adapters of their own; on x [B, S, in]. */
    public static Projections masked(GraphBuilder builder, Set<String> adapted) {
        return new Projections(builder, adapted, Kind.MASKED);
    }

    /** The graph's input for a module's A. */
    public static String nameOfA(String module) {
        return module + ".lora_A";
    }

    /** The graph's input for a module's B. */
    public static String nameOfB(String module) {
        return module + ".lora_B";
    }

    /** The inputs made so far, by name, in the order of the layers. */
    public Map<String, Value> loraInputs() {
        return loraInputs;
    }

    GraphBuilder builder() {
        return builder;
    }

    Value weight(String name, long... sizes) {
        return builder.weight(name, DType.F32, Shape.of(sizes));
    }

    /** The layer named {@code module} on x [..., in], to [..., out]. */
    Value linear(String module, Value x, long out, boolean bias) {
        long in = x.size(-1);
        Value y = NeuralOps.linear(x, weight(module + ".weight", out, in));
        if (bias) {
            y = MathOps.add(y, weight(module + ".bias", out));
        }
        if (!adapted.contains(module)) {
            return y;
        }
        Dim rank = kind == Kind.MASKED ? Dim.of("R") : Dim.of("rank." + module);
        Value a = input(nameOfA(module), rank, in);
        Value b = input(nameOfB(module), out, rank);
        Value inner =
                switch (kind) {
                    case PLAIN -> NeuralOps.linear(x, a);
                    case MASKED -> own(NeuralOps.linear(x, a));
                    case DROPPED -> scaled(NeuralOps.linear(dropped(module, x), a));
                };
        return MathOps.add(y, NeuralOps.linear(inner, b));
    }

    /**
     * From here on x is [N, in], some of the positions alone.
     *
     * @param wanted positions [N], counted through the batch
     */
    void narrow(Value wanted) {
        if (kind == Kind.DROPPED) {
            tokenKeys = ShapeOps.gather(ShapeOps.flatten(tokenKeys()), wanted);
        }
    }

    private Value tokenKeys() {
        if (tokenKeys == null) {
            tokenKeys = builder.input(LoraDropout.TOKENS, DType.I32, Dim.shape("B", "S", 1));
        }
        return tokenKeys;
    }

    private Value dropped(String module, Value x) {
        Value features =
                builder.input(LoraDropout.nameOfFeatures(module), DType.I32, Dim.shape(x.size(-1)));
        if (leastKey == null) {
            leastKey = builder.input(LoraDropout.LEAST, DType.I32, Dim.shape());
        }
        return NeuralOps.dropout(x, tokenKeys(), features, leastKey);
    }

    /** What was kept, for what was not: on the few numbers after A. */
    private Value scaled(Value inner) {
        if (scale == null) {
            scale = builder.input(LoraDropout.SCALE, DType.F32, Dim.shape());
        }
        return MathOps.mul(inner, scale);
    }

    /**
     * Chosen, not multiplied: an adapter that overflows on another's sequence must not make it NaN.
     */
    private Value own(Value inner) {
        if (mask == null) {
            mask = builder.input(MASK, DType.BOOL, Dim.shape("B", 1, "R"));
        }
        return MathOps.where(mask, inner, builder.constant(0.0));
    }

    private Value input(String name, Object... dims) {
        Value value = builder.input(name, DType.F32, Dim.shape(dims));
        loraInputs.put(name, value);
        return value;
    }
}
