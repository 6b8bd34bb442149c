package dev.plumbline.engine.model;

import static dev.plumbline.engine.graph.MathOps.add;

import dev.plumbline.engine.graph.NeuralOps;
import dev.plumbline.engine.graph.Value;
import java.util.function.UnaryOperator;

/** The transformer layers of both of CLIP's towers (Radford et al. 2021, arXiv 2103.00020). */
final class ClipEncoder {
    private final Sizes sizes;
    private final Attention attention;
    private final Projections projections;
    private final String prefix;

    /** Of all layers of one tower. */
    record Sizes(int hidden, int intermediate, int heads, String activation, double epsilon) {}

    /** Who looks at whom; q, k and v are [B, S, hidden]. */
    @FunctionalInterface
    interface Attention {
        Value of(Value q, Value k, Value v, long heads);
    }

    /**
     * @param prefix of all names of tensors
     */
    ClipEncoder(Sizes sizes, Attention attention, Projections projections, String prefix) {
        this.sizes = sizes;
        this.attention = attention;
        this.projections = projections;
        this.prefix = prefix;
    }

    /** A tensor of the tower. */
    Value weight(String name, long... shape) {
        return projections.weight(prefix + name, shape);
    }

    /** Layer {@code index} on hidden states [B, S, hidden]. */
    Value layer(int index, Value hidden) {
        return layer(index, hidden, x -> x);
    }

    /**
     * A layer of which only some positions are wanted.
     *
     * @param wanted takes these positions of any [B, S, hidden]
     */
    Value layer(int index, Value hidden, UnaryOperator<Value> wanted) {
        String layer = "encoder.layers." + index + ".";
        int width = sizes.hidden();
        Value x = norm(layer + "layer_norm1", hidden);
        Value attended =
                attention.of(
                        linear(layer + "self_attn.q_proj", wanted.apply(x), width),
                        linear(layer + "self_attn.k_proj", x, width),
                        linear(layer + "self_attn.v_proj", x, width),
                        sizes.heads());
        Value residual = wanted.apply(hidden);
        Value sum = add(residual, linear(layer + "self_attn.out_proj", attended, width));
        x = norm(layer + "layer_norm2", sum);
        x = linear(layer + "mlp.fc1", x, sizes.intermediate());
        x = NeuralOps.activation(sizes.activation(), x);
        return add(sum, linear(layer + "mlp.fc2", x, width));
    }

    Value norm(String module, Value x) {
        int width = sizes.hidden();
        return NeuralOps.layerNorm(
                x,
                weight(module + ".weight", width),
                weight(module + ".bias", width),
                sizes.epsilon());
    }

    private Value linear(String module, Value x, int out) {
        return projections.linear(prefix + module, x, out, true);
    }
}
