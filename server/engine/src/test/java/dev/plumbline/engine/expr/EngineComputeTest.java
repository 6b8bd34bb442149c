package dev.plumbline.engine.expr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import dev.plumbline.spi.Array;
import dev.plumbline.spi.Compute;
import dev.plumbline.spi.Compute.Fitting;
import dev.plumbline.spi.Compute.Variables;
import dev.plumbline.spi.Expression;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EngineComputeTest {
    private static TestRuntime runtime;

    @BeforeAll
    static void open() {
        runtime = new TestRuntime();
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    private static <T> T at(Map<String, T> map, String name) {
        return Objects.requireNonNull(map.get(name), name);
    }

    private static EngineCompute compute(DType precision) {
        return new EngineCompute(runtime.runtime(), precision);
    }

    private static Array random(long seed, int... shape) {
        int size = 1;
        for (int length : shape) {
            size *= length;
        }
        SplittableRandom random = new SplittableRandom(seed);
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            // Such as have no rounding in single precision.
            values[i] = (float) (random.nextDouble() * 2 - 1);
        }
        return Array.of(values, shape);
    }

    private static Array floats(Array doubles) {
        float[] values = new float[doubles.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) doubles.get(i);
        }
        return Array.of(values, doubles.shape());
    }

    /** Several products in one: [2, 3, 4] with [4, 5], transposed, reshaped and summed. */
    private static Map<String, Expression> chain(Variables variables) {
        Expression product =
                variables.input("a", -1, 3, 4).matmul(variables.get("b")).transposed(0, 2, 1);
        Expression flat = product.reshaped(-1, 15);
        return Map.of(
                "product", product,
                "sums", flat.abs().sum(1),
                "clamped", flat.atLeast(-0.25).atMost(0.5),
                "all", flat.times(flat).inDoubles().sum(),
                "mean", flat.sum().dividedBy(flat.count()));
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "F64"})
    void arraysOfSeveralAxes(DType precision) {
        Array a = random(1, 2, 3, 4);
        Array b = random(2, 4, 5);
        Map<String, Array> constants = Map.of("b", floats(b));
        double tolerance = precision == DType.F64 ? 1e-12 : 1e-5;
        try (var program = compute(precision).compile(constants, EngineComputeTest::chain)) {
            Map<String, Array> outputs = program.run(Map.of("a", floats(a)));
            Array product = at(outputs, "product");
            assertThat(product.shape()).containsExactly(2, 5, 3);
            double all = 0;
            for (int batch = 0; batch < 2; batch++) {
                double sum = 0;
                for (int column = 0; column < 5; column++) {
                    for (int row = 0; row < 3; row++) {
                        double expected = 0;
                        for (int k = 0; k < 4; k++) {
                            expected += a.get((batch * 3 + row) * 4 + k) * b.get(k * 5 + column);
                        }
                        int at = (batch * 5 + column) * 3 + row;
                        assertThat(product.get(at)).isCloseTo(expected, within(tolerance));
                        assertThat(at(outputs, "clamped").get(at))
                                .isCloseTo(Math.clamp(expected, -0.25, 0.5), within(tolerance));
                        sum += Math.abs(expected);
                        all += expected * expected;
                    }
                }
                assertThat(at(outputs, "sums").get(batch)).isCloseTo(sum, within(10 * tolerance));
            }
            assertThat(at(outputs, "all").isDouble()).isTrue();
            assertThat(at(outputs, "all").get(0)).isCloseTo(all, within(10 * tolerance));
            assertThat(at(outputs, "mean").isDouble()).isEqualTo(precision == DType.F64);
        }
    }

    @Test
    void overAPoolIsAsOneAfterTheOther() {
        int rows = 9001;
        Array pool = floats(random(3, rows, 6));
        Array weights = floats(random(4, 6, 2));
        try (var program =
                compute(DType.F32)
                        .compile(
                                Map.of("weights", weights),
                                v ->
                                        Map.of(
                                                "scores",
                                                v.input("candidates", -1, 6)
                                                        .matmul(v.get("weights"))
                                                        .plus(v.input("shift", 2)),
                                                "one",
                                                v.input("candidates", -1, 6).inDoubles().sum(1)))) {
            Map<String, Array> shift = Map.of("shift", Array.of(new float[] {1, -1}, 2));
            Map<String, Array> inputs = new HashMap<>(shift);
            inputs.put("candidates", pool);
            Map<String, Array> whole = program.run(inputs);
            Tensor tensor = Tensor.of(Shape.of(rows, 6), pool.floats());
            Map<String, Array> chunked = program.over(tensor, shift, Cancellation.none());
            assertThat(at(chunked, "scores").shape()).containsExactly(rows, 2);
            assertThat(at(chunked, "scores").floats()).isEqualTo(at(whole, "scores").floats());
            assertThat(at(chunked, "one").doubles()).isEqualTo(at(whole, "one").doubles());
            Cancellation cancelled = new Cancellation();
            cancelled.cancel();
            assertThatThrownBy(() -> program.over(tensor, shift, cancelled))
                    .isInstanceOf(PlumblineException.class);
        }
    }

    /** A small autoencoder: every operation that one needs, with gradients. */
    private static Expression autoencoder(Variables v) {
        Expression x = v.input("x", 7, 4);
        Expression z = x.matmul(v.get("encoder")).plus(v.get("bias")).sigmoid();
        Expression error = z.matmul(v.get("encoder").transposed(1, 0)).minus(x);
        Expression usage = z.sum(0).times(1.0 / 7).atLeast(1e-6);
        Expression sparsity = usage.log().times(-0.05).sum();
        return error.times(error).sum().times(1.0 / 7).plus(sparsity).plus(z.abs().sum(1).sum());
    }

    private static Map<String, Array> start() {
        Map<String, Array> parameters = new HashMap<>();
        parameters.put("encoder", floats(random(5, 4, 3)));
        parameters.put("bias", floats(random(6, 3)));
        return parameters;
    }

    private static Map<String, Array> batch(int step) {
        return Map.of("x", floats(random(100 + step, 7, 4)));
    }

    @Test
    void gradientsAreThoseOfFiniteDifferences() {
        var compute = new Gradients(runtime.runtime(), DType.F64);
        Map<String, Array> gradients =
                compute.of(EngineComputeTest::autoencoder, start(), batch(0));
        for (String name : List.of("encoder", "bias")) {
            for (int i = 0; i < at(start(), name).size(); i++) {
                double step = 1e-6;
                double slope =
                        (loss(compute, name, i, step) - loss(compute, name, i, -step)) / 2 / step;
                assertThat(at(gradients, name).get(i))
                        .as("%s[%d]", name, i)
                        .isCloseTo(slope, within(1e-7 * Math.max(1, Math.abs(slope))));
            }
        }
    }

    private static double loss(Gradients compute, String name, int index, double by) {
        Map<String, Array> moved = start();
        Array array = at(moved, name);
        double[] values = new double[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i) + (i == index ? by : 0);
        }
        moved.put(name, Array.of(values, array.shape()));
        return at(compute.of(EngineComputeTest::autoencoder, moved, batch(0)), "").get(0);
    }

    @Test
    void fitIsAdam() {
        int steps = 20;
        List<Double> losses = new ArrayList<>();
        Fitting options = Fitting.adam(steps, 0.01, (step, loss) -> losses.add(loss));
        EngineCompute compute = compute(DType.F32);
        Map<String, Array> fitted =
                compute.fit(
                        EngineComputeTest::autoencoder, start(), EngineComputeTest::batch, options);
        Map<String, double[]> expected = adam(steps, 0.01);
        expected.forEach((name, values) -> {
            for (int i = 0; i < values.length; i++) {
                assertThat(at(fitted, name).get(i))
                        .as("%s[%d]", name, i)
                        .isCloseTo(values[i], within(1e-4));
            }
        });
        assertThat(losses).hasSize(steps);
        assertThat(losses.getLast()).isLessThan(losses.getFirst());
        Map<String, Array> again =
                compute.fit(
                        EngineComputeTest::autoencoder, start(), EngineComputeTest::batch, options);
        assertThat(at(again, "encoder").floats()).isEqualTo(at(fitted, "encoder").floats());
    }

    /** The algorithm once more, in double precision. */
    private static Map<String, double[]> adam(int steps, double rate) {
        EngineCompute compute = compute(DType.F64);
        Map<String, double[]> p = new HashMap<>();
        Map<String, double[]> m = new HashMap<>();
        Map<String, double[]> v = new HashMap<>();
        start().forEach((name, array) -> {
            p.put(name, new double[array.size()]);
            m.put(name, new double[array.size()]);
            v.put(name, new double[array.size()]);
            for (int i = 0; i < array.size(); i++) {
                at(p, name)[i] = array.get(i);
            }
        });
        for (int step = 0; step < steps; step++) {
            Map<String, Array> now = new HashMap<>();
            p.forEach((name, values) ->
                    now.put(name, Array.of(values.clone(), at(start(), name).shape())));
            Map<String, Array> g =
                    new Gradients(runtime.runtime(), DType.F64)
                            .of(EngineComputeTest::autoencoder, now, batch(step));
            for (String name : p.keySet()) {
                for (int i = 0; i < at(p, name).length; i++) {
                    double gradient = at(g, name).get(i);
                    at(m, name)[i] = 0.9 * at(m, name)[i] + 0.1 * gradient;
                    at(v, name)[i] = 0.999 * at(v, name)[i] + 0.001 * gradient * gradient;
                    double mean = at(m, name)[i] / (1 - Math.pow(0.9, step + 1));
                    double square = at(v, name)[i] / (1 - Math.pow(0.999, step + 1));
                    at(p, name)[i] -= rate * mean / (Math.sqrt(square) + 1e-8);
                }
            }
        }
        return p;
    }

    @Test
    void nonsenseIsNamed() {
        EngineCompute compute = compute(DType.F32);
        Function<Variables, Map<String, Expression>> unknown = v -> Map.of("x", v.get("gone"));
        assertThatThrownBy(() -> compute.compile(Map.of(), unknown)).hasMessageContaining("gone");
        assertThatThrownBy(() ->
                        compute.compile(
                                Map.of(),
                                v -> Map.of("x", v.input("a", 2, 3).matmul(v.input("b", 4, 5)))))
                .hasMessageContainingAll("MATMUL", "a", "b");
        Fitting one = Fitting.adam(3, 1, (step, loss) -> {});
        Map<String, Array> parameter = Map.of("p", Array.of(new float[] {-1}, 1));
        assertThatThrownBy(() ->
                        compute.fit(v -> v.get("p").log().sum(), parameter, step -> Map.of(), one))
                .isInstanceOf(PlumblineException.class)
                .hasMessageContaining("step 0 of 3");
        assertThatThrownBy(() -> compute.fit(v -> v.get("p"), parameter, step -> Map.of(), one))
                .hasMessageContaining("one number");
    }

    @Test
    void programsCountTheirInputs() {
        try (Compute.Program program =
                compute(DType.F32).compile(Map.of(), v -> Map.of("y", v.input("x", -1).exp()))) {
            Array x = Array.of(new float[] {0, 1}, 2);
            assertThatThrownBy(() -> program.run(Map.of("x", x, "z", x))).hasMessageContaining("z");
            assertThatThrownBy(() -> program.run(Map.of())).hasMessageContaining("x");
            assertThat(at(program.run(Map.of("x", x)), "y").get(1)).isCloseTo(Math.E, within(1e-6));
        }
    }
}
