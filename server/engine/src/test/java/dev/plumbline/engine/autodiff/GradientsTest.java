package dev.plumbline.engine.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.graph.Attributes;
import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.graph.MathOps;
import dev.plumbline.engine.graph.NeuralOps;
import dev.plumbline.engine.graph.Node;
import dev.plumbline.engine.graph.Op;
import dev.plumbline.engine.graph.QuantizedOps;
import dev.plumbline.engine.graph.ShapeOps;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GradientsTest {
    private final GraphBuilder builder = new GraphBuilder("test");

    /** Operators that have one input of one shape, which is all that the error needs. */
    static Stream<Op> missingRules() {
        return Arrays.stream(Op.values())
                .filter(op -> Rules.of(op).isEmpty() && !Rules.NOT_DIFFERENTIABLE.contains(op));
    }

    @ParameterizedTest
    @MethodSource("missingRules")
    void anOperatorWithoutARuleIsNamed(Op op) {
        Value x = builder.input("x", DType.F32, Dim.shape(2, 3, 4, 4));
        Value ids = builder.input("ids", DType.I64, Dim.shape(2));
        Value y = use(op, x, ids);
        assertThatThrownBy(() -> Gradients.of(y, y, List.of(x)))
                .isInstanceOfSatisfying(
                        PlumblineException.class,
                        e -> {
                            assertThat(e.reason()).isEqualTo("GRADIENT_RULE_MISSING");
                            assertThat(e).hasMessageContaining("operator " + op + " ");
                            assertThat(e.metadata()).containsEntry("operator", op.name());
                        });
    }

    private static Value use(Op op, Value x, Value ids) {
        GraphBuilder graph = x.builder();
        Value scales = graph.weight("scales", DType.F32, Shape.of(4, 1));
        return switch (op) {
            case MATMUL_NBITS ->
                    QuantizedOps.product(
                            x,
                            graph.weight("w", DType.U8, Shape.of(4, 1, 32)),
                            scales,
                            8,
                            "product");
            case DEQUANTIZE_LINEAR -> {
                Value numbers = graph.weight("w", DType.U8, Shape.of(96, 32));
                Value zeros = graph.weight("zeros", DType.U8, Shape.of(96, 1));
                yield QuantizedOps.dequantize(numbers, ShapeOps.reshape(x, 96, 1), zeros);
            }
            default -> graph.apply(op, inputs(op, x, ids), attributes(op));
        };
    }

    private static List<Value> inputs(Op op, Value x, Value ids) {
        return switch (op) {
            case CONCAT, CONV -> List.of(x, x);
            case SCATTER_ELEMENTS, SCATTER_ND -> List.of(x, ids, x);
            case LAYER_NORM, MULTI_HEAD_ATTENTION -> List.of(x, x, x);
            case GROUP_QUERY_ATTENTION -> List.of(x, x, x, x, x, ids, ids);
            default -> List.of(x);
        };
    }

    private static Attributes attributes(Op op) {
        return switch (op) {
            case REDUCE_MAX -> Attributes.of("axes", List.of(1L));
            case SLICE -> new Attributes(Map.of("axis", 1L, "start", 0L, "end", 2L));
            case CONV -> Attributes.of("strides", List.of(4L, 4L));
            default -> Attributes.NONE;
        };
    }

    @Test
    void aMissingRuleOffTheWayToTheTargetsDoesNotMatter() {
        Value image = builder.input("image", DType.F32, Dim.shape(2, 3));
        Value x = builder.input("x", DType.F32, Dim.shape(2, 3));
        Value seen = NeuralOps.activation("gelu", image);
        Value y = MathOps.mul(seen, x);
        assertThat(Gradients.of(y, y, List.of(x))).hasSize(1);
    }

    @Test
    void frozenWeightsGetNoGradientNodes() {
        int onlyLora = backwardNodes(false).size();
        int all = backwardNodes(true).size();
        // The frozen product gets one more product for its weight, and nothing else changes.
        assertThat(all).isEqualTo(onlyLora + 3);
        assertThat(backwardNodes(false))
                .noneMatch(node -> node.output().dims().equals(Dim.shape(11, 7)));
        assertThat(backwardNodes(true))
                .anyMatch(node -> node.output().dims().equals(Dim.shape(11, 7)));
    }

    /** Of {@code x W^T + (x A^T) B^T}: with respect to A and B, or to W as well. */
    private static List<Node> backwardNodes(boolean weightToo) {
        GraphBuilder graph = new GraphBuilder("lora");
        Value x = graph.input("x", DType.F32, Dim.shape("B", "S", 7));
        Value w = graph.weight("w", DType.F32, Shape.of(11, 7));
        Value a = graph.input("a", DType.F32, Dim.shape(2, 7));
        Value b = graph.input("b", DType.F32, Dim.shape(11, 2));
        Value y = MathOps.add(NeuralOps.linear(x, w), NeuralOps.linear(NeuralOps.linear(x, a), b));
        Value seed = graph.input("seed", DType.F32, y.dims());
        int forward = graph.nodes().size();
        Gradients.of(y, seed, weightToo ? List.of(a, b, w) : List.of(a, b));
        return graph.nodes().subList(forward, graph.nodes().size());
    }

    @Test
    void theGradientOfTheOutputItselfIsTheSeed() {
        Value x = builder.input("x", DType.F32, Dim.shape(2));
        Value seed = builder.input("seed", DType.F32, Dim.shape(2));
        assertThat(Gradients.of(x, seed, List.of(x))).containsExactly(seed);
        assertThat(builder.nodes()).isEmpty();
    }

    @Test
    void detachBlocksAndWhatDoesNotMatterIsZero() {
        Value x = builder.input("x", DType.F32, Dim.shape("S"));
        Value other = builder.input("other", DType.F32, Dim.shape("S", 2));
        // d/dx (x * constant(x)) is constant(x), not 2 x.
        Value y = MathOps.mul(x, MathOps.unary(Op.DETACH, x));
        Map<String, Tensor> result = gradients(y, List.of(x, other));
        assertThat(floats(result, "d0")).containsExactly(1, -2, 3);
        assertThat(floats(result, "d1")).containsExactly(0, 0, 0, 0, 0, 0);
    }

    @Test
    void integersAndConditionsLetNothingThrough() {
        Value x = builder.input("x", DType.F32, Dim.shape("S"));
        Value other = builder.input("other", DType.F32, Dim.shape("S", 2));
        Value size = MathOps.cast(MathOps.unary(Op.SIZE, x), DType.F32);
        Value positive = MathOps.binary(Op.LESS_OR_EQUAL, builder.constant(0), x);
        Value chosen = MathOps.where(positive, builder.constant(5), builder.constant(7));
        Value y = MathOps.add(MathOps.mul(chosen, size), ShapeOps.zerosLike(x));
        Map<String, Tensor> result = gradients(y, List.of(x, other));
        assertThat(floats(result, "d0")).containsExactly(0, 0, 0);
        assertThat(floats(result, "y")).containsExactly(15, 21, 15);
    }

    private Map<String, Tensor> gradients(Value y, List<Value> targets) {
        Value seed = builder.input("seed", DType.F32, y.dims());
        List<Value> gradients = Gradients.of(y, seed, targets);
        builder.output("y", y);
        for (int i = 0; i < gradients.size(); i++) {
            builder.output("d" + i, gradients.get(i));
        }
        Graph graph = builder.build();
        try (TestRuntime runtime = new TestRuntime()) {
            return runtime.run(
                    graph,
                    Map.of(
                            "x", Tensor.of(Shape.of(3), 1f, -2f, 3f),
                            "other", Tensor.of(Shape.of(3, 2), 1f, 2f, 3f, 4f, 5f, 6f),
                            "seed", Tensor.of(Shape.of(3), 1f, 1f, 1f)));
        }
    }

    private static float[] floats(Map<String, Tensor> results, String name) {
        return Objects.requireNonNull(results.get(name)).toFloats();
    }
}
