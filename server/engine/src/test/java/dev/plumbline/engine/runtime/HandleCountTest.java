package dev.plumbline.engine.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Nothing native is left behind, however a run ends; the harness checks again after closing. */
class HandleCountTest extends RuntimeHarness {
    private static final List<String> Y = List.of("y");
    private static final Tensor TWO = Tensor.of(Shape.of(2), 1f, 2f);
    private static final Tensor THREE = Tensor.of(Shape.of(3), 1f, 2f, 3f);

    @Test
    void runsLeaveNothing() {
        try (Session session = load(TestGraphs.add())) {
            long before = runtime.liveHandles();
            for (int i = 0; i < 300; i++) {
                session.run(Map.of("a", TWO, "b", TWO), Y, new Cancellation()).close();
                assertFails(session, Map.of("a", TWO, "b", THREE), Y);
                assertFails(session, Map.of("a", TWO, "c", TWO), Y);
                assertFails(session, Map.of("a", TWO, "b", TWO), List.of("y", "z"));
                assertFails(session, Map.of("a", TWO, "b", TWO), List.of());
            }
            assertThat(runtime.liveHandles()).isEqualTo(before);
        }
    }

    private static void assertFails(
            Session session, Map<String, Tensor> inputs, List<String> outputs) {
        assertThatThrownBy(() -> session.run(inputs, outputs, new Cancellation()))
                .isInstanceOfAny(PlumblineException.class, IllegalArgumentException.class);
    }

    @Test
    void bindingsLeaveNothing() {
        try (Session session = load(TestGraphs.add())) {
            long before = runtime.liveHandles();
            for (int i = 0; i < 300; i++) {
                try (Binding binding = session.bind()) {
                    binding.input("a", TWO).input("b", TWO).output("y").run(new Cancellation());
                    assertThat(binding.get("y").getFloat(1)).isEqualTo(4f);
                    binding.input("b", THREE);
                    assertThatThrownBy(() -> binding.run(new Cancellation()))
                            .isInstanceOf(PlumblineException.class);
                    Cancellation cancelled = new Cancellation();
                    cancelled.cancel();
                    assertThatThrownBy(() -> binding.run(cancelled))
                            .isInstanceOf(PlumblineException.class);
                }
            }
            assertThat(runtime.liveHandles()).isEqualTo(before);
        }
    }

    @Test
    void graphsThatCannotBeLoadedLeaveNothing() {
        long before = runtime.liveHandles();
        try (Weights weights = runtime.weights(Map.of("w", TWO))) {
            for (int i = 0; i < 30; i++) {
                for (byte[] model :
                        List.of(new byte[0], new byte[] {1, 2}, TestGraphs.matrixProduct())) {
                    assertThatThrownBy(() -> runtime.session(model, weights, Device.CPU))
                            .isInstanceOf(PlumblineException.class);
                }
                load(TestGraphs.add()).close();
            }
        }
        assertThat(runtime.liveHandles()).isEqualTo(before);
    }
}
