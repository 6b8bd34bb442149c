package dev.plumbline.engine.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.graph.Op;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.runtime.Session;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every gradient rule against double-sided differences of the graph as ONNX Runtime runs it. */
class FiniteDifferencesTest {
    private static final float STEP = 0.01f;
    private static final Map<Op, List<GradientCase>> CASES = GradientCases.all();

    private static TestRuntime runtime;

    @BeforeAll
    static void open() {
        runtime = new TestRuntime();
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    static Stream<GradientCase> cases() {
        return CASES.values().stream().flatMap(List::stream);
    }

    @ParameterizedTest
    @EnumSource
    void everyRuleHasACase(Op op) {
        assertThat(CASES.containsKey(op)).isEqualTo(Rules.TABLE.containsKey(op));
    }

    @Test
    void noOperatorBothHasARuleAndIsNotDifferentiable() {
        assertThat(Rules.TABLE.keySet()).doesNotContainAnyElementsOf(Rules.NOT_DIFFERENTIABLE);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientIsThatOfFiniteDifferences(GradientCase test) {
        GraphBuilder builder = new GraphBuilder("case");
        List<Value> inputs = new ArrayList<>();
        for (int i = 0; i < test.inputs().size(); i++) {
            inputs.add(builder.input("x" + i, DType.F32, test.inputs().get(i).dims()));
        }
        Value output = test.make().apply(inputs);
        assertThat(builder.nodes()).anyMatch(node -> node.op() == test.op());
        Value seed = builder.input("seed", DType.F32, output.dims());
        List<Value> gradients = Gradients.of(output, seed, inputs);
        builder.output("y", output);
        for (int i = 0; i < gradients.size(); i++) {
            assertThat(gradients.get(i).dims()).hasSize(inputs.get(i).rank());
            builder.output("dx" + i, gradients.get(i));
        }
        try (Session session = runtime.session(builder.build())) {
            for (long random = 0; random < 3; random++) {
                compare(session, test, new SplittableRandom(random));
            }
        }
    }

    private static void compare(Session session, GradientCase test, SplittableRandom random) {
        Map<String, Tensor> fed = new HashMap<>();
        for (int i = 0; i < test.inputs().size(); i++) {
            GradientCase.Input input = test.inputs().get(i);
            fed.put("x" + i, Tensor.of(input.shape(), input.values(random)));
        }
        Tensor seed = seed(session, test, fed, random);
        fed.put("seed", seed);
        Map<String, Tensor> outputs = TestRuntime.run(session, fed);
        for (int i = 0; i < test.inputs().size(); i++) {
            Tensor x = Objects.requireNonNull(fed.get("x" + i));
            Tensor gradient = Objects.requireNonNull(outputs.get("dx" + i));
            assertThat(gradient.shape()).isEqualTo(x.shape());
            float[] ours = gradient.toFloats();
            for (int element = 0; element < ours.length; element++) {
                double expected = difference(session, fed, x, element, seed);
                assertThat((double) ours[element])
                        .as("d/dx%d[%d]", i, element)
                        .isCloseTo(expected, within(2e-3 * Math.max(1, Math.abs(expected))));
            }
        }
    }

    /** Weights of the outputs, of the shape that the output turns out to have. */
    private static Tensor seed(
            Session session,
            GradientCase test,
            Map<String, Tensor> inputs,
            SplittableRandom random) {
        GraphBuilder builder = new GraphBuilder("forward");
        List<Value> values = new ArrayList<>();
        for (int i = 0; i < test.inputs().size(); i++) {
            values.add(builder.input("x" + i, DType.F32, test.inputs().get(i).dims()));
        }
        builder.output("y", test.make().apply(values));
        assertThat(session.outputs()).contains("y");
        Tensor y = Objects.requireNonNull(runtime.run(builder.build(), inputs).get("y"));
        float[] weights = new float[Math.toIntExact(y.shape().elements())];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextDouble(-1, 1);
        }
        return Tensor.of(y.shape(), weights);
    }

    private static double difference(
            Session session, Map<String, Tensor> fed, Tensor x, int element, Tensor seed) {
        float value = x.getFloat(element);
        float above = value + STEP;
        float below = value - STEP;
        x.setFloat(element, above);
        double up = weighted(TestRuntime.run(session, fed), seed);
        x.setFloat(element, below);
        double down = weighted(TestRuntime.run(session, fed), seed);
        x.setFloat(element, value);
        return (up - down) / ((double) above - below);
    }

    private static double weighted(Map<String, Tensor> outputs, Tensor seed) {
        float[] y = Objects.requireNonNull(outputs.get("y")).toFloats();
        float[] weights = seed.toFloats();
        double sum = 0;
        for (int i = 0; i < y.length; i++) {
            sum += (double) weights[i] * y[i];
        }
        return sum;
    }
}
