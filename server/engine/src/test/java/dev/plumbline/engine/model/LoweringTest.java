package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.autodiff.Gradients;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.graph.Dim;
import dev.plumbline.engine.graph.Graph;
import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.graph.MathOps;
import dev.plumbline.engine.graph.NeuralOps;
import dev.plumbline.engine.graph.ShapeOps;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.onnx.OnnxWriter;
import dev.plumbline.engine.runtime.Device;
import dev.plumbline.engine.runtime.Packing;
import dev.plumbline.engine.runtime.Session;
import dev.plumbline.engine.runtime.Weights;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Quantized;
import dev.plumbline.engine.tensor.QuantizedMatrix;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lowered graphs as ONNX Runtime runs them, against the weights dequantized in plain Java. */
class LoweringTest {
    private static final int ROWS = 24;
    private static TestRuntime runtime;

    private final Random random = new Random(5);

    @BeforeAll
    static void open() {
        runtime = new TestRuntime();
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    @ParameterizedTest
    @CsvSource({"4, 64", "8, 64", "4, 40", "8, 40", "4, 20", "8, 96"})
    void productsAreThoseOfTheDequantizedWeights(int bits, int columns) {
        QuantizedMatrix matrix = matrix(bits, ROWS, columns);
        Tensor x = activations(Shape.of(2, 3, columns));
        Tensor y = run(linear(columns), x, quantized(matrix, false));
        assertThat(y.shape()).isEqualTo(Shape.of(2, 3, ROWS));
        // Activations in some sixteen bits; in all 24 where rows cannot be cut into blocks.
        double limit = columns % 32 == 0 ? 5e-5 : 1e-6;
        float[] expected = run(linear(columns), x, dequantized(matrix)).toFloats();
        assertThat(distance(y.toFloats(), expected)).isLessThan(limit);
    }

    @ParameterizedTest
    @CsvSource({"4, 64", "8, 64", "4, 40", "8, 40"})
    void roundedActivationsAreNearAndNoMore(int bits, int columns) {
        QuantizedMatrix matrix = matrix(bits, ROWS, columns);
        Tensor x = activations(Shape.of(2, 3, columns));
        float[] y = run(linear(columns), x, quantized(matrix, true)).toFloats();
        float[] expected = run(linear(columns), x, dequantized(matrix)).toFloats();
        assertThat(distance(y, expected)).isBetween(1e-3, 3e-2);
    }

    @Test
    void activationsOfZeroGiveZero() {
        Tensor x = Tensor.zeros(DType.F32, Shape.of(1, 1, 64));
        Tensor y = run(linear(64), x, quantized(matrix(4, ROWS, 64), false));
        assertThat(y.toFloats()).containsOnly(0);
    }

    @ParameterizedTest
    @CsvSource({"4, 64", "8, 64", "4, 40", "8, 40"})
    void theOtherDirectionIsExact(int bits, int columns) {
        QuantizedMatrix matrix = matrix(bits, ROWS, columns);
        Tensor x = activations(Shape.of(2, 3, ROWS));
        float[] y = run(backward(ROWS, columns), x, quantized(matrix, false)).toFloats();
        float[] expected = run(backward(ROWS, columns), x, dequantized(matrix)).toFloats();
        assertThat(distance(y, expected)).isLessThan(1e-6);
    }

    @Test
    void largeMatricesAreWrittenOutInParts() {
        // 256 MiB of F32 are 2,097,152 rows of 32: one part, and three rows more.
        int rows = (2 << 20) + 3;
        float[] weights = new float[rows * 32];
        weights[5] = 2;
        weights[(rows - 1) * 32 + 7] = -3;
        Tensor x = Tensor.zeros(DType.F32, Shape.of(1, 1, rows));
        x.setFloat(0, 10);
        x.setFloat(rows - 1, 100);
        QuantizedMatrix matrix = Quantized.of(8, rows, 32, weights);
        float[] y = run(backward(rows, 32), x, quantized(matrix, false)).toFloats();
        float[] expected = new float[32];
        expected[5] = 20;
        expected[7] = -300;
        assertThat(distance(y, expected)).isLessThan(1e-6);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 8})
    void gradientsAreThoseOfTheQuantizedLoss(int bits) {
        QuantizedMatrix matrix = matrix(bits, 32, 32);
        ModelWeights kept = quantized(matrix, false);
        Tensor x = activations(Shape.of(1, 3, 32));
        float[] gradient = runAll(loss(), x, kept, "gradient").toFloats();
        float[] wanted = runAll(loss(), x, dequantized(matrix), "gradient").toFloats();
        assertThat(distance(gradient, wanted)).isLessThan(1e-4);
        // Along the gradient, where the loss changes most.
        double length = length(gradient);
        float step = 0.1f;
        double above = runAll(loss(), moved(x, gradient, step / length), kept, "loss").getFloat(0);
        double below = runAll(loss(), moved(x, gradient, -step / length), kept, "loss").getFloat(0);
        assertThat((above - below) / (2 * step)).isCloseTo(length, withinPercentage(1.0));
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16"})
    void rowsOfAHalfTableAreLookedUp(DType half) {
        GraphBuilder builder = new GraphBuilder("rows");
        Value ids = builder.input("x", DType.I64, Dim.shape("N"));
        Value table = builder.weight("w", DType.F32, Shape.of(3, 2));
        Value scale = builder.weight("scale", DType.F32, Shape.of(2));
        builder.output("y", MathOps.mul(ShapeOps.gather(table, ids), scale));
        Tensor rows = Tensor.zeros(half, Shape.of(3, 2));
        rows.copyFrom(new float[] {1, 2, 3, 4, 5, 6});
        Tensor scales = Tensor.zeros(half, Shape.of(2));
        scales.copyFrom(new float[] {1, 10});
        ModelWeights kept = ModelWeights.plain(Map.of("w", rows, "scale", scales));
        Tensor y = run(builder.build(), Tensor.of(Shape.of(2), 2L, 0L), kept);
        assertThat(y.toFloats()).containsExactly(5, 60, 1, 20);
    }

    @Test
    void aTiedTableIsLookedUpInOneFormAndMultipliedInTheOther() {
        QuantizedMatrix matrix = matrix(4, ROWS, 32);
        Tensor table = activations(Shape.of(ROWS, 32));
        Tensor ids = Tensor.of(Shape.of(2), 5L, 0L);
        ModelWeights both = new ModelWeights(Map.of("w", table), Map.of("w", matrix), false);
        float[] y = run(tied(), ids, both).toFloats();
        float[] expected =
                run(linear(32), table.slice(5, 6).reshape(Shape.of(1, 1, 32)), dequantized(matrix))
                        .toFloats();
        float[] first = new float[ROWS];
        System.arraycopy(y, 0, first, 0, ROWS);
        assertThat(distance(first, expected)).isLessThan(5e-5);
    }

    @Test
    void anyOtherUseOfAQuantizedWeightIsNamed() {
        ModelWeights kept = quantized(matrix(4, ROWS, 32), false);
        assertThatThrownBy(() -> kept.lowering(false).lower(tied()))
                .isInstanceOf(PlumblineException.class)
                .hasMessageContaining("GATHER reads the weight w");
    }

    @Test
    void graphsInFp32StayWhatTheyAre() {
        Graph graph = linear(64);
        ModelWeights kept = dequantized(matrix(4, ROWS, 64));
        assertThat(kept.lowering(false).lower(graph)).isSameAs(graph);
    }

    private static Graph linear(int columns) {
        GraphBuilder builder = new GraphBuilder("linear");
        Value x = builder.input("x", DType.F32, Dim.shape("B", "S", columns));
        Value w = builder.weight("w", DType.F32, Shape.of(ROWS, columns));
        builder.output("y", NeuralOps.linear(x, w));
        return builder.build();
    }

    private static Graph backward(int rows, int columns) {
        GraphBuilder builder = new GraphBuilder("backward");
        Value x = builder.input("x", DType.F32, Dim.shape("B", "S", rows));
        Value w = builder.weight("w", DType.F32, Shape.of(rows, columns));
        builder.output("y", NeuralOps.matmul(x, w));
        return builder.build();
    }

    private static Graph tied() {
        GraphBuilder builder = new GraphBuilder("tied");
        Value ids = builder.input("x", DType.I64, Dim.shape("N"));
        Value w = builder.weight("w", DType.F32, Shape.of(ROWS, 32));
        builder.output("y", NeuralOps.linear(ShapeOps.gather(w, ids), w));
        return builder.build();
    }

    /** The sum of squares of two layers, and its gradient with respect to x. */
    private static Graph loss() {
        GraphBuilder builder = new GraphBuilder("loss");
        Value x = builder.input("x", DType.F32, Dim.shape("B", "S", 32));
        Value w = builder.weight("w", DType.F32, Shape.of(32, 32));
        Value hidden = NeuralOps.activation("silu", NeuralOps.linear(x, w));
        Value y = NeuralOps.linear(hidden, w);
        Value loss = MathOps.reduceSum(MathOps.mul(y, y), false, 0, 1, 2);
        builder.output("loss", loss);
        builder.output("gradient", Gradients.of(loss, builder.constant(1), List.of(x)).getFirst());
        return builder.build();
    }

    private QuantizedMatrix matrix(int bits, int rows, int columns) {
        float[] weights = new float[rows * columns];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextGaussian() / 8;
        }
        return Quantized.of(bits, rows, columns, weights);
    }

    /** With a few that are far larger than the others. */
    private Tensor activations(Shape shape) {
        Tensor x = Tensor.zeros(DType.F32, shape);
        for (int i = 0; i < shape.elements(); i++) {
            x.setFloat(i, (float) random.nextGaussian() * (i % 41 == 7 ? 10 : 1));
        }
        return x;
    }

    private static ModelWeights quantized(QuantizedMatrix matrix, boolean rounds) {
        return new ModelWeights(Map.of(), Map.of("w", matrix), rounds);
    }

    private static ModelWeights dequantized(QuantizedMatrix matrix) {
        return ModelWeights.plain(Map.of("w", Quantized.dequantize(matrix)));
    }

    private static Tensor run(Graph graph, Tensor x, ModelWeights kept) {
        return runAll(graph, x, kept, "y");
    }

    private static Tensor runAll(Graph graph, Tensor x, ModelWeights kept, String output) {
        Graph lowered = kept.lowering(kept.roundsActivations()).lower(graph);
        assertThat(lowered.outputNames()).isEqualTo(graph.outputNames());
        byte[] model = OnnxWriter.write(lowered);
        try (Weights weights = runtime.runtime().weights(kept.tensors());
                Session session =
                        runtime.runtime().session(model, weights, Device.CPU, Packing.SHARED)) {
            return Objects.requireNonNull(TestRuntime.run(session, Map.of("x", x)).get(output));
        }
    }

    private static Tensor moved(Tensor x, float[] direction, double step) {
        Tensor moved = Tensor.zeros(DType.F32, x.shape());
        for (int i = 0; i < direction.length; i++) {
            moved.setFloat(i, (float) (x.getFloat(i) + step * direction[i]));
        }
        return moved;
    }

    private static double length(float[] values) {
        double squares = 0;
        for (float value : values) {
            squares += (double) value * value;
        }
        return Math.sqrt(squares);
    }

    /** The length of the difference beside that of what is expected. */
    private static double distance(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        float[] difference = new float[expected.length];
        for (int i = 0; i < expected.length; i++) {
            difference[i] = actual[i] - expected[i];
        }
        return length(difference) / length(expected);
    }
}
