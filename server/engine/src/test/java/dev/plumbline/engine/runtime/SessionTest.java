package dev.plumbline.engine.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class SessionTest extends RuntimeHarness {
    private static final List<String> Y = List.of("y");
    private static final Tensor ONE = Tensor.of(Shape.of(2), 1f, 1f);
    private static final Tensor PAIR = Tensor.of(Shape.of(2), 5f, -7f);

    @Test
    void runs() {
        try (Session session = load(TestGraphs.add());
                Results results =
                        session.run(Map.of("a", ONE, "b", PAIR), Y, Cancellation.none())) {
            assertThat(session.inputs()).containsExactly("a", "b");
            assertThat(session.outputs()).containsExactly("y");
            assertThat(results.get("y").dtype()).isEqualTo(DType.F32);
            assertThat(results.get("y").shape()).isEqualTo(Shape.of(2));
            assertThat(results.get("y").toFloats()).containsExactly(6f, -6f);
        }
    }

    @Test
    void copiesOutliveTheResultsAndViewsDoNot() {
        try (Session session = load(TestGraphs.add())) {
            Results results = session.run(Map.of("a", ONE, "b", PAIR), Y, Cancellation.none());
            Tensor view = results.get("y");
            Tensor copy = results.copy("y");
            results.close();
            results.close();
            assertThat(copy.toFloats()).containsExactly(6f, -6f);
            assertThatThrownBy(view::toFloats).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void sharesWeightsBetweenSessions() {
        Tensor w = Tensor.of(Shape.of(2, 3), 1f, 2f, 3f, 4f, 5f, 6f);
        Tensor unused = Tensor.of(Shape.of(1), 0f);
        Weights weights = runtime.weights(Map.of("w", w, "unused", unused));
        assertThat(weights.names()).containsExactlyInAnyOrder("w", "unused");
        try (Session one = runtime.session(TestGraphs.matrixProduct(), weights, Device.CPU);
                Session two = runtime.session(TestGraphs.matrixProduct(), weights, Device.CPU)) {
            // Both still use them.
            weights.close();
            assertThat(product(one)).containsExactly(9f, 12f, 15f);
            // That both see a change proves that neither has a copy; real weights never change.
            w.setFloat(0, 11f);
            assertThat(product(one)).containsExactly(19f, 12f, 15f);
            assertThat(product(two)).containsExactly(19f, 12f, 15f);
            assertThatThrownBy(
                            () -> runtime.session(TestGraphs.matrixProduct(), weights, Device.CPU))
                    .hasMessageContaining("closed");
        }
    }

    private static float[] product(Session session) {
        Map<String, Tensor> inputs = Map.of("x", Tensor.of(Shape.of(1, 2), 1f, 2f));
        try (Results results = session.run(inputs, Y, Cancellation.none())) {
            return results.get("y").toFloats();
        }
    }

    @Test
    void namesTheWeightThatIsMissing() {
        assertThatThrownBy(() -> load(TestGraphs.matrixProduct()))
                .isInstanceOfSatisfying(
                        PlumblineException.class,
                        e -> {
                            assertThat(e.reason()).isEqualTo("WEIGHT_MISSING");
                            assertThat(e.metadata()).containsEntry("weight", "w");
                        });
    }

    @Test
    void refusesAWeightOfTheWrongShape() {
        try (Weights weights =
                runtime.weights(Map.of("w", Tensor.zeros(DType.F32, Shape.of(3, 2))))) {
            assertThatThrownBy(
                            () -> runtime.session(TestGraphs.matrixProduct(), weights, Device.CPU))
                    .isInstanceOfSatisfying(
                            PlumblineException.class,
                            e -> {
                                assertThat(e.reason()).isEqualTo("WEIGHT_MISMATCH");
                                assertThat(e).hasMessageContaining("F32[3, 2]");
                            });
        }
    }

    @Test
    void takesInputsWithoutElements() {
        Map<String, Tensor> inputs =
                Map.of(
                        "x", Tensor.of(Shape.of(1, 4), 1f, 2f, 3f, 4f),
                        "a", Tensor.zeros(DType.F32, Shape.of(4, 0)),
                        "b", Tensor.zeros(DType.F32, Shape.of(0, 3)));
        try (Session session = load(TestGraphs.lowRank());
                Results results = session.run(inputs, Y, Cancellation.none())) {
            assertThat(results.get("y").toFloats()).containsExactly(0f, 0f, 0f);
        }
        Tensor empty = Tensor.zeros(DType.F32, Shape.of(0));
        try (Session session = load(TestGraphs.add());
                Results results =
                        session.run(Map.of("a", empty, "b", empty), Y, Cancellation.none())) {
            assertThat(results.get("y").shape()).isEqualTo(Shape.of(0));
        }
    }

    @Test
    void saysWhatWentWrong() {
        assertThatThrownBy(() -> load(new byte[] {1, 2, 3}))
                .isInstanceOfSatisfying(
                        PlumblineException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL);
                            assertThat(e.reason()).isEqualTo("ONNX_RUNTIME");
                            assertThat(e).hasMessageContaining("could not load a graph: ");
                            assertThat(e).hasMessageContaining("protobuf");
                        });
        try (Session session = load(TestGraphs.add())) {
            Tensor ints = Tensor.of(Shape.of(2), 1L, 2L);
            assertThatThrownBy(
                            () -> session.run(Map.of("a", ONE, "b", ints), Y, Cancellation.none()))
                    .isInstanceOf(PlumblineException.class)
                    .hasMessageContaining("could not run a graph: ")
                    .hasMessageContaining("tensor(int64)");
            assertThatThrownBy(() -> session.run(Map.of("a", ONE), Y, Cancellation.none()))
                    .hasMessage("missing inputs of the graph: [b]");
            assertThatThrownBy(
                            () -> session.run(Map.of("a", ONE, "c", ONE), Y, Cancellation.none()))
                    .hasMessage("the graph has no input c, only [a, b]");
            Map<String, Tensor> inputs = Map.of("a", ONE, "b", PAIR);
            assertThatThrownBy(() -> session.run(inputs, List.of("z"), Cancellation.none()))
                    .hasMessage("the graph has no output z, only [y]");
        }
    }

    @Test
    void runsConcurrently() throws Exception {
        try (Session session = load(TestGraphs.add());
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> futures = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                int seed = 1000 * thread;
                futures.add(threads.submit(() -> addMany(session, seed)));
            }
            for (Future<?> future : futures) {
                future.get();
            }
        }
    }

    private static void addMany(Session session, int seed) {
        for (int i = 0; i < 2000; i++) {
            Tensor a = Tensor.of(Shape.of(2), (float) seed, (float) i);
            Cancellation cancellation = i % 2 == 0 ? Cancellation.none() : new Cancellation();
            try (Results results = session.run(Map.of("a", a, "b", PAIR), Y, cancellation)) {
                assertThat(results.get("y").toFloats()).containsExactly(seed + 5f, i - 7f);
            }
        }
    }

    @Test
    void closesOnlyWhenTheLastResultIsClosed() {
        Session session = load(TestGraphs.add());
        Results results = session.run(Map.of("a", ONE, "b", PAIR), Y, Cancellation.none());
        long open = runtime.liveHandles();
        session.close();
        assertThat(runtime.liveHandles()).isEqualTo(open);
        assertThat(results.get("y").toFloats()).containsExactly(6f, -6f);
        assertThatThrownBy(session::bind).hasMessage("this session is closed");
        results.close();
    }
}
