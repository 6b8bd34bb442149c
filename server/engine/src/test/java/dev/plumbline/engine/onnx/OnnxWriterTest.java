package dev.plumbline.engine.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.graph.MathOps;
import dev.plumbline.engine.graph.NeuralOps;
import dev.plumbline.engine.graph.Op;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.onnx.format.ModelProto;
import dev.plumbline.engine.runtime.Device;
import dev.plumbline.engine.runtime.Session;
import dev.plumbline.engine.runtime.Weights;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Written models, as ONNX Runtime reads and runs them. */
class OnnxWriterTest {
    private static TestRuntime runtime;

    @BeforeAll
    static void open() {
        runtime = new TestRuntime();
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    @ParameterizedTest
    @EnumSource
    void everyOperatorRunsAndMakesTheShapeThatWeInferred(Op op) {
        GraphBuilder builder = new GraphBuilder(op.name());
        Value x = builder.input("x", DType.F32, Dim.shape(2, "S", 4));
        Value y = OperatorGraphs.use(op, op == Op.CONV ? fixed(builder) : x);
        assertThat(builder.nodes()).anyMatch(node -> node.op() == op);
        builder.output("y", y);
        Map<String, Tensor> inputs = new HashMap<>(OperatorGraphs.cache());
        inputs.put("x", Tensor.of(Shape.of(2, 3, 4), numbers(24)));
        inputs.put("fixed", Tensor.of(Shape.of(2, 3, 4), numbers(24)));
        Graph graph = builder.build();
        inputs.keySet().retainAll(graph.inputs().stream().map(Value::name).toList());
        Tensor result = Objects.requireNonNull(runtime.run(graph, inputs).get("y"));
        assertThat(result.dtype()).isEqualTo(DType.F32);
        assertThat(result.shape().sizes()).isEqualTo(y.dims().stream().map(this::size).toList());
        for (float value : result.toFloats()) {
            assertThat(value).isFinite();
        }
    }

    private static Value fixed(GraphBuilder builder) {
        return builder.input("fixed", DType.F32, Dim.shape(2, 3, 4));
    }

    private long size(Dim dim) {
        return switch (dim) {
            case Dim.Fixed(long size) -> size;
            case Dim.Symbol(String symbol) ->
                    switch (symbol) {
                        case "S" -> 3;
                        case "2*S" -> 6;
                        default -> throw new AssertionError("size of " + symbol);
                    };
        };
    }

    private static float[] numbers(int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = 0.1f + (7 * i % count) / 10f;
        }
        return numbers;
    }

    @ParameterizedTest
    @CsvSource({
        "silu, 0.5, 0.31122967",
        "gelu, 0.5, 0.34573123",
        "gelu_new, 0.5, 0.34571401",
        "gelu_pytorch_tanh, -1.5, -0.10042842",
        "quick_gelu, 0.5, 0.35038844",
        "relu, -2, 0",
    })
    void activationsAreTheOnesOfTheirNames(String name, float x, double expected) {
        GraphBuilder builder = new GraphBuilder(name);
        Value input = builder.input("x", DType.F32, Dim.shape(1));
        builder.output("y", NeuralOps.activation(name, input));
        Map<String, Tensor> outputs =
                runtime.run(builder.build(), Map.of("x", Tensor.of(Shape.of(1), x)));
        assertThat((double) floats(outputs)[0]).isCloseTo(expected, within(1e-6));
    }

    @Test
    void normsUseTheirEpsilon() {
        GraphBuilder builder = new GraphBuilder("norms");
        Value x = builder.input("x", DType.F32, Dim.shape(1, 2));
        Value one = builder.constant(Tensor.of(Shape.of(2), 1f, 1f));
        Value zero = builder.constant(Tensor.of(Shape.of(2), 0f, 0f));
        // Mean 2, variance 1; mean square 5.
        builder.output(
                "y",
                MathOps.add(NeuralOps.layerNorm(x, one, zero, 3), NeuralOps.rmsNorm(x, one, 4)));
        Map<String, Tensor> outputs =
                runtime.run(builder.build(), Map.of("x", Tensor.of(Shape.of(1, 2), 1f, 3f)));
        assertThat(floats(outputs))
                .containsExactly(new float[] {-0.5f + 1 / 3f, 1.5f}, within(1e-6f));
    }

    @Test
    void weightsStayOutsideAndAreRead() throws InvalidProtocolBufferException {
        GraphBuilder builder = new GraphBuilder("weights");
        Value x = builder.input("x", DType.F32, Dim.shape("B", 2));
        Value w = builder.weight("layer.weight", DType.F32, Shape.of(1000, 2));
        builder.output("y", NeuralOps.linear(x, w));
        byte[] model = OnnxWriter.write(builder.build());
        assertThat(model.length).isLessThan(1000);
        ModelProto proto = ModelProto.parseFrom(model);
        assertThat(proto.getGraph().getInitializerList())
                .singleElement()
                .satisfies(weight -> assertThat(weight.getName()).isEqualTo("layer.weight"));
        Tensor values = Tensor.zeros(DType.F32, Shape.of(1000, 2));
        values.setFloat(2 * 999 + 1, 5);
        Map<String, Tensor> inputs = Map.of("x", Tensor.of(Shape.of(1, 2), 3f, 4f));
        try (Weights weights = runtime.runtime().weights(Map.of("layer.weight", values));
                Session session = runtime.runtime().session(model, weights, Device.CPU)) {
            assertThat(floats(TestRuntime.run(session, inputs))[999]).isEqualTo(20);
        }
    }

    @Test
    void aWeightOfAnotherShapeIsNamed() {
        GraphBuilder builder = new GraphBuilder("weights");
        builder.output("y", MathOps.exp(builder.weight("w", DType.F32, Shape.of(2, 3))));
        byte[] model = OnnxWriter.write(builder.build());
        Tensor other = Tensor.zeros(DType.F32, Shape.of(3, 2));
        try (Weights weights = runtime.runtime().weights(Map.of("w", other))) {
            assertThatThrownBy(() -> runtime.runtime().session(model, weights, Device.CPU))
                    .isInstanceOf(PlumblineException.class)
                    .hasMessageContaining("weight w")
                    .hasMessageContaining("[2, 3]");
        }
    }

    @Test
    void constantsOfEachTypeTravelWithTheModel() {
        GraphBuilder builder = new GraphBuilder("constants");
        Value x = builder.input("x", DType.F32, Dim.shape(2));
        Value ints = builder.constant(Tensor.ofInts(Shape.of(2), -1, 2));
        Value longs = builder.constant(List.of(3L, -4L));
        Value sum = MathOps.add(MathOps.cast(ints, DType.F32), MathOps.cast(longs, DType.F32));
        builder.output("y", MathOps.mul(MathOps.add(x, sum), 0.5));
        Map<String, Tensor> outputs =
                runtime.run(builder.build(), Map.of("x", Tensor.of(Shape.of(2), 8f, 8f)));
        assertThat(floats(outputs)).containsExactly(5, 3);
        GraphBuilder half = new GraphBuilder("half");
        half.output("y", half.constant(Tensor.zeros(DType.F16, Shape.of(1))));
        assertThatThrownBy(() -> OnnxWriter.write(half.build())).hasMessageContaining("F16");
    }

    private static float[] floats(Map<String, Tensor> outputs) {
        return Objects.requireNonNull(outputs.get("y")).toFloats();
    }
}
