package dev.plumbline.engine.model;

import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.graph.MathOps;
import dev.plumbline.engine.graph.NeuralOps;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Linear layers of a graph, with LoRA (Hu et al. 2021, arXiv 2106.09685) on some of them: {@code y
 * = x W^T + (x A^T) B^T}. A [rank, in] and B [out, rank] are inputs whose rank is known only when
 * the graph runs; the scaling is part of B.
 */
public final class Projections {
    private final GraphBuilder builder;
    private final Set<String> adapted;
    private final Map<String, Value> loraInputs = new LinkedHashMap<>();

    /**
     * @param adapted names of the modules with LoRA
     */
    public Projections(GraphBuilder builder, Set<String> adapted) {
        this.builder = builder;
        this.adapted = adapted;
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
        Dim rank = Dim.of("rank." + module);
        Value a = input(nameOfA(module), rank, in);
        Value b = input(nameOfB(module), out, rank);
        return MathOps.add(y, NeuralOps.linear(NeuralOps.linear(x, a), b));
    }

    private Value input(String name, Object... dims) {
        Value value = builder.input(name, DType.F32, Dim.shape(dims));
        loraInputs.put(name, value);
        return value;
    }
}
