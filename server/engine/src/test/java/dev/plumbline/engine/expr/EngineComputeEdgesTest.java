package dev.plumbline.engine.expr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import dev.plumbline.spi.Array;
import dev.plumbline.spi.Compute.Fitting;
import dev.plumbline.spi.Compute.Variables;
import dev.plumbline.spi.Expression;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lengths that are not known, broadcast axes, both precisions, and what is refused. */
class EngineComputeEdgesTest {
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

    private static Array random(long seed, int... shape) {
        int size = 1;
        for (int length : shape) {
            size *= length;
        }
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (random.nextDouble() * 2 - 1);
        }
        return Array.of(values, shape);
    }

    private static Array run(
            DType precision, Map<String, Array> inputs, Function<Variables, Expression> formula) {
        var compute = new EngineCompute(runtime.runtime(), precision);
        try (var program = compute.compile(Map.of(), v -> Map.of("y", formula.apply(v)))) {
            return at(program.run(inputs), "y");
        }
    }

    @Test
    void unknownLengthsStayWhatTheyAre() {
        Array x = random(1, 5, 6);
        Array there =
                run(
                        DType.F32,
                        Map.of("x", x),
                        v -> {
                            Expression rows = v.input("x", -1, 6);
                            return rows.reshaped(-1, 2, 3).reshaped(-1, 6).plus(rows);
                        });
        assertThat(there.shape()).containsExactly(5, 6);
        for (int i = 0; i < x.size(); i++) {
            assertThat(there.get(i)).isEqualTo(2 * x.get(i));
        }
        // Twice as many rows of half the width, times as many again.
        Array halves =
                run(
                        DType.F32,
                        Map.of("x", x),
                        v -> {
                            Expression split = v.input("x", -1, 6).reshaped(-1, 3);
                            return split.times(v.input("x", -1, 6).times(2).reshaped(-1, 3));
                        });
        assertThat(halves.shape()).containsExactly(10, 3);
        assertThat(halves.get(7)).isCloseTo(2 * x.get(7) * x.get(7), within(1e-6));
    }

    @Test
    void unknownLengthsThatNeedNotBeEqualAreNotTakenForEqual() {
        assertThatThrownBy(() ->
                        new EngineCompute(runtime.runtime(), DType.F32)
                                .compile(
                                        Map.of(),
                                        v ->
                                                Map.of(
                                                        "y",
                                                        v.input("a", -1, 6)
                                                                .reshaped(-1, 4)
                                                                .plus(
                                                                        v.input("b", -1, 6)
                                                                                .reshaped(-1, 4)))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "F64"})
    void functionsInBothPrecisions(DType precision) {
        double tolerance = precision == DType.F64 ? 1e-13 : 1e-5;
        Array x = random(2, 3, 4);
        double exponentials = 0;
        double sigmoids = 0;
        for (int i = 0; i < x.size(); i++) {
            exponentials += Math.exp(x.get(i));
            sigmoids -= Math.log1p(Math.exp(-x.get(i)));
        }
        Map<String, Array> inputs = Map.of("x", x);
        Array all = run(precision, inputs, v -> v.input("x", 3, 4).logSumExp());
        assertThat(all.size()).isOne();
        assertThat(all.isDouble()).isEqualTo(precision == DType.F64);
        assertThat(all.get(0)).isCloseTo(Math.log(exponentials), within(tolerance));
        Array sum = run(precision, inputs, v -> v.input("x", 3, 4).logSigmoid().sum());
        assertThat(sum.get(0)).isCloseTo(sigmoids, within(10 * tolerance));
        Array far =
                run(precision, inputs, v -> v.input("x", 3, 4).times(0).plus(-800).logSigmoid());
        assertThat(far.get(0)).isEqualTo(-800);
        Array last = run(precision, inputs, v -> v.input("x", 3, 4).relu().sum(-1));
        assertThat(last.shape()).containsExactly(3);
    }

    @Test
    void whatMeetsDoublesIsInDoubles() {
        Array third =
                run(
                        DType.F32,
                        Map.of("x", Array.of(new float[] {1}, 1)),
                        v -> v.input("x", 1).dividedBy(v.input("x", 1).inDoubles().times(3)));
        assertThat(third.get(0)).isEqualTo(1.0 / 3);
        Array product =
                run(
                        DType.F32,
                        Map.of("a", random(3, 2, 3), "b", random(4, 3, 2)),
                        v -> v.input("a", 2, 3).inDoubles().matmul(v.input("b", 3, 2)));
        assertThat(product.isDouble()).isTrue();
    }

    /** All of what has a rule of its own for axes or zeros: [2, 1, 3, 4] by [5, 4, 2]. */
    private static Expression broadcast(Variables v) {
        Expression product = v.get("a").matmul(v.get("b"));
        Expression folded = product.transposed(1, 0, 3, 2).reshaped(5, 2, -1).sum(1);
        Expression shared = v.get("c").matmul(v.get("b")).abs().sum(0);
        return folded.relu()
                .sum()
                .plus(folded.logSumExp())
                .plus(shared.atLeast(0.3).atMost(1).sum())
                .plus(product.reshaped(2, -1).logSigmoid().sum());
    }

    private static Map<String, Array> parameters() {
        Map<String, Array> parameters = new HashMap<>();
        parameters.put("a", random(5, 2, 1, 3, 4));
        parameters.put("b", random(6, 5, 4, 2));
        parameters.put("c", random(7, 3, 4));
        return parameters;
    }

    @Test
    void gradientsOfBroadcastProducts() {
        Map<String, Array> gradients = gradients(DType.F64, parameters());
        Map<String, Array> single = gradients(DType.F32, parameters());
        double step = 1e-6;
        for (String name : parameters().keySet()) {
            Array gradient = at(gradients, name);
            assertThat(gradient.shape()).isEqualTo(at(parameters(), name).shape());
            for (int i = 0; i < gradient.size(); i++) {
                double slope = (loss(name, i, step) - loss(name, i, -step)) / 2 / step;
                assertThat(gradient.get(i)).as("%s[%d]", name, i).isCloseTo(slope, within(1e-7));
                assertThat(at(single, name).get(i)).isCloseTo(slope, within(1e-4));
            }
        }
    }

    private static Map<String, Array> gradients(DType precision, Map<String, Array> at) {
        return new Gradients(runtime.runtime(), precision)
                .of(EngineComputeEdgesTest::broadcast, at, Map.of());
    }

    private static double loss(String name, int index, double by) {
        Map<String, Array> moved = parameters();
        Array array = at(moved, name);
        double[] values = new double[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i) + (i == index ? by : 0);
        }
        moved.put(name, Array.of(values, array.shape()));
        return at(gradients(DType.F64, moved), "").get(0);
    }

    /** 4097: one row is left for the last chunk. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 4095, 4096, 4097, 8200})
    void aRowDoesNotDependOnItsChunk(int rows) {
        int width = 96;
        Array pool = random(8, rows, width);
        Tensor candidates = Tensor.of(Shape.of(rows, width), pool.floats());
        Map<String, Array> whole = over(candidates);
        assertThat(at(whole, "z").shape()).containsExactly(rows, 40);
        if (rows > 4096) {
            // The last rows once more, among others.
            Map<String, Array> tail = over(candidates.slice(rows - 100, rows));
            for (int i = 0; i < 100 * 40; i++) {
                assertThat(at(tail, "z").get(i))
                        .isEqualTo(at(whole, "z").get((rows - 100) * 40 + i));
            }
        }
    }

    private static Map<String, Array> over(Tensor candidates) {
        Map<String, Array> constants = Map.of("w", random(9, 96, 40), "g", random(10, 40, 40));
        try (var program =
                new EngineCompute(runtime.runtime(), DType.F32)
                        .compile(
                                constants,
                                v -> {
                                    Expression x = v.input("candidates", -1, 96);
                                    Expression z = x.matmul(v.get("w")).sigmoid();
                                    Expression wide = z.inDoubles();
                                    Expression product = wide.matmul(v.get("g").inDoubles());
                                    return Map.of("z", z, "error", wide.times(product).sum(1));
                                })) {
            return program.over(candidates, Map.of(), Cancellation.none());
        }
    }

    @Test
    void overInDoubles() {
        int rows = 5000;
        Array pool = random(11, rows, 3);
        Tensor candidates = Tensor.of(Shape.of(rows, 3), pool.floats());
        try (var program =
                new EngineCompute(runtime.runtime(), DType.F64)
                        .compile(
                                Map.of(),
                                v -> {
                                    Expression x = v.input("candidates", -1, 3);
                                    return Map.of("squares", x.times(x).sum(1));
                                })) {
            Array squares = at(program.over(candidates, Map.of(), Cancellation.none()), "squares");
            assertThat(squares.isDouble()).isTrue();
            for (int i = 0; i < rows; i++) {
                double expected = 0;
                for (int j = 0; j < 3; j++) {
                    expected += pool.get(3 * i + j) * pool.get(3 * i + j);
                }
                assertThat(squares.get(i)).isCloseTo(expected, within(1e-15));
            }
        }
    }

    private static void refused(Function<Variables, Expression> formula, String... words) {
        long handles = runtime.runtime().liveHandles();
        var compute = new EngineCompute(runtime.runtime(), DType.F32);
        assertThatThrownBy(() -> compute.compile(Map.of(), v -> Map.of("y", formula.apply(v))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(words);
        assertThat(runtime.runtime().liveHandles()).isEqualTo(handles);
    }

    @Test
    void nonsenseIsRefusedWithItsShapes() {
        refused(v -> v.input("x", 2, 3).sum(2), "axis 2", "[2, 3]");
        refused(v -> v.input("x", 2, 3).sum(-3), "axis -3", "[2, 3]");
        refused(v -> v.input("x", 2, 3).transposed(0, 0), "TRANSPOSE", "x");
        refused(v -> v.input("x", 2, 3).transposed(0), "TRANSPOSE", "x");
        refused(v -> v.input("x", 2, 3).reshaped(4), "[2, 3]", "[4]");
        refused(v -> v.input("x", 2, 3).reshaped(-1, 4), "[2, 3]", "4");
        refused(v -> v.input("x", -1, 3).reshaped(-1, -1), "unknown");
        refused(v -> v.input("x", 2, 3).plus(v.input("z", 2)), "ADD", "x", "z");
        refused(v -> v.input("x", 3).matmul(v.input("z", 3)), "MATMUL", "x", "z");
    }

    @Test
    void aFitThatIsRefusedOrCancelledLeavesNothing() {
        long handles = runtime.runtime().liveHandles();
        var compute = new EngineCompute(runtime.runtime(), DType.F32);
        Function<Variables, Expression> loss = v -> v.get("p").times(v.get("p")).sum();
        Map<String, Array> floats = Map.of("p", Array.of(new float[] {1, 2}, 2));
        Fitting stopped =
                Fitting.adam(
                        5,
                        0.1,
                        (step, value) -> {
                            if (step == 2) {
                                throw new CancellationException("at " + step);
                            }
                        });
        assertThatThrownBy(() -> compute.fit(loss, floats, step -> Map.of(), stopped))
                .isInstanceOf(CancellationException.class)
                .hasMessage("at 2");
        Map<String, Array> doubles = Map.of("p", Array.of(new double[] {1, 2}, 2));
        Fitting one = Fitting.adam(1, 0.1, (step, value) -> {});
        assertThatThrownBy(() -> compute.fit(loss, doubles, step -> Map.of(), one))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("p", "single precision");
        assertThatThrownBy(() -> compute.fit(loss, floats, step -> floats, one))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(runtime.runtime().liveHandles()).isEqualTo(handles);
    }
}
