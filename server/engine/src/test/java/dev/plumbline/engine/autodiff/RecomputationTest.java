package dev.plumbline.engine.autodiff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.graph.MathOps;
import dev.plumbline.engine.graph.NeuralOps;
import dev.plumbline.engine.graph.Node;
import dev.plumbline.engine.graph.Op;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A net of three residual layers: {@code h + up(silu(down(norm(h))))}. */
class RecomputationTest {
    private static final int LAYERS = 3;

    /** The net, its gradients, and which nodes were the forward pass. */
    private record Net(GraphBuilder builder, List<Value> states, List<Node> forward) {
        List<Node> backward() {
            return builder.nodes().subList(forward.size(), builder.nodes().size());
        }
    }

    private static Net net(boolean checkpointed) {
        GraphBuilder builder = new GraphBuilder("net");
        Value h = builder.input("x", DType.F32, Dim.shape("S", 4));
        Value scale = builder.input("scale", DType.F32, Dim.shape(4));
        List<Value> weights = new ArrayList<>();
        List<Value> states = new ArrayList<>(List.of(h));
        for (int layer = 0; layer < LAYERS; layer++) {
            Value down = builder.input("down" + layer, DType.F32, Dim.shape(3, 4));
            Value up = builder.input("up" + layer, DType.F32, Dim.shape(4, 3));
            weights.addAll(List.of(down, up));
            Value inner = NeuralOps.linear(NeuralOps.rmsNorm(h, scale, 1e-6), down);
            h = MathOps.add(h, NeuralOps.linear(NeuralOps.activation("silu", inner), up));
            states.add(h);
        }
        Value seed = builder.input("seed", DType.F32, h.dims());
        List<Node> forward = builder.nodes();
        List<Value> gradients = Gradients.of(h, seed, weights, checkpointed);
        for (int i = 0; i < gradients.size(); i++) {
            builder.output("d" + i, gradients.get(i));
        }
        return new Net(builder, states, forward);
    }

    private static Map<String, Tensor> run(Net net) {
        Map<String, Tensor> inputs = new HashMap<>();
        inputs.put("x", numbers(Shape.of(5, 4), 1));
        inputs.put("seed", numbers(Shape.of(5, 4), 2));
        inputs.put("scale", numbers(Shape.of(4), 3));
        for (int layer = 0; layer < LAYERS; layer++) {
            inputs.put("down" + layer, numbers(Shape.of(3, 4), 4 + layer));
            inputs.put("up" + layer, numbers(Shape.of(4, 3), 14 + layer));
        }
        try (TestRuntime runtime = new TestRuntime()) {
            return runtime.run(net.builder().build(), inputs);
        }
    }

    private static Tensor numbers(Shape shape, int phase) {
        float[] values = new float[Math.toIntExact(shape.elements())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(phase + 1.7 * i);
        }
        return Tensor.of(shape, values);
    }

    @Test
    void gradientsAreTheSameToTheLastBit() {
        Map<String, Tensor> kept = run(net(false));
        Map<String, Tensor> repeated = run(net(true));
        assertThat(kept).hasSize(2 * LAYERS);
        kept.forEach((name, tensor) ->
                assertThat(Objects.requireNonNull(repeated.get(name)).toFloats())
                        .containsExactly(tensor.toFloats()));
    }

    @Test
    void theBackwardPassReadsNoneOfTheLayersInnerValues() {
        // The first layer's input does not depend on the weights: it is no checkpoint.
        Net net = net(true);
        assertThat(innerReads(net)).isEmpty();
        assertThat(innerReads(net(false))).isNotEmpty();
    }

    /** Values made inside the second and third layer that nodes of the backward pass read. */
    private static Set<Value> innerReads(Net net) {
        Set<Value> inner = new HashSet<>();
        boolean inside = false;
        for (Node node : net.forward()) {
            if (inside && !net.states().contains(node.output())) {
                inner.addAll(node.outputs());
            }
            inside |= net.states().contains(node.output());
        }
        Set<Value> read = new HashSet<>();
        net.backward().forEach(node -> read.addAll(node.inputs()));
        read.retainAll(inner);
        return read;
    }

    @Test
    void aLayerIsRepeatedOnlyOnceItsGradientIsThere() {
        Net net = net(true);
        List<Node> delays =
                net.backward().stream().filter(node -> node.op() == Op.RESHAPE_LIKE).toList();
        assertThat(delays)
                .extracting(node -> node.input(0))
                .startsWith(net.states().get(2), net.states().get(1));
        List<Value> made = new ArrayList<>();
        for (Node node : net.backward()) {
            if (node.op() == Op.RESHAPE_LIKE && made.isEmpty()) {
                assertThat(node.input(1).name()).isEqualTo("seed");
            } else if (node.op() == Op.RESHAPE_LIKE) {
                assertThat(made).contains(node.input(1));
            }
            made.addAll(node.outputs());
        }
    }
}
