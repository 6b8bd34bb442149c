package dev.plumbline.engine.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class BindingTest extends RuntimeHarness {
    @Test
    void updatesATensorInPlace() {
        Tensor sum = Tensor.of(Shape.of(3), 0f, 10f, 20f);
        Tensor step = Tensor.of(Shape.of(3), 1f, 1f, 1f);
        try (Session session = load(TestGraphs.add());
                Binding binding = session.bind()) {
            binding.input("a", sum).input("b", step).output("y", sum);
            for (int i = 0; i < 5; i++) {
                binding.run(Cancellation.none());
            }
            assertThat(binding.get("y")).isSameAs(sum);
            assertThat(sum.toFloats()).containsExactly(5f, 15f, 25f);
            step.copyFrom(new float[] {0f, 0f, 100f});
            binding.run(Cancellation.none());
            assertThat(sum.toFloats()).containsExactly(5f, 15f, 125f);
        }
    }

    @Test
    void allocatesOutputsWhoseShapeChanges() {
        try (Session session = load(TestGraphs.add());
                Binding binding = session.bind()) {
            binding.output("y");
            Tensor last = Tensor.zeros(DType.F32, Shape.of(0));
            for (int length : new int[] {2, 5, 1, 0, 3}) {
                float[] values = new float[length];
                float[] doubled = new float[length];
                Arrays.fill(values, length);
                Arrays.fill(doubled, 2 * length);
                Tensor tensor = Tensor.of(Shape.of(length), values);
                binding.input("a", tensor).input("b", tensor).run(Cancellation.none());
                last = binding.get("y");
                assertThat(last.shape()).isEqualTo(Shape.of(length));
                assertThat(last.toFloats()).isEqualTo(doubled);
            }
            binding.run(Cancellation.none());
            assertThatThrownBy(last::toFloats).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void rebindsInputsAndOutputs() {
        Tensor one = Tensor.of(Shape.of(1), 1f);
        Tensor first = Tensor.zeros(DType.F32, Shape.of(1));
        Tensor second = Tensor.zeros(DType.F32, Shape.of(1));
        try (Session session = load(TestGraphs.add());
                Binding binding = session.bind()) {
            binding.input("a", one).input("b", one).output("y", first).run(Cancellation.none());
            binding.input("b", Tensor.of(Shape.of(1), 41f)).output("y", second);
            assertThatThrownBy(() -> binding.get("y")).isInstanceOf(IllegalStateException.class);
            binding.run(Cancellation.none());
            assertThat(first.getFloat(0)).isEqualTo(2f);
            assertThat(second.getFloat(0)).isEqualTo(42f);
            binding.output("y").run(Cancellation.none());
            assertThat(binding.get("y").toFloats()).containsExactly(42f);
            binding.output("y", first).run(Cancellation.none());
            assertThat(first.getFloat(0)).isEqualTo(42f);
        }
    }

    @Test
    void takesInputsWithoutElements() {
        Tensor y = Tensor.of(Shape.of(1, 3), 7f, 7f, 7f);
        try (Session session = load(TestGraphs.lowRank());
                Binding binding = session.bind()) {
            binding.input("x", Tensor.of(Shape.of(1, 4), 1f, 2f, 3f, 4f))
                    .input("a", Tensor.zeros(DType.F32, Shape.of(4, 0)))
                    .input("b", Tensor.zeros(DType.F32, Shape.of(0, 3)))
                    .output("y", y)
                    .run(Cancellation.none());
            assertThat(y.toFloats()).containsExactly(0f, 0f, 0f);
        }
    }

    @Test
    void keepsWhatIsBoundInMemory() {
        try (Session session = load(TestGraphs.add());
                Binding binding = session.bind()) {
            int length = 1 << 20;
            float[] values = new float[length];
            binding.input("a", Tensor.of(Shape.of(length), values)).output("y");
            values[length - 1] = 3f;
            binding.input("b", Tensor.of(Shape.of(length), values));
            for (int i = 0; i < 20; i++) {
                // Frees what only the binding should hold, and lets others write over it.
                System.gc();
                Tensor.zeros(DType.F32, Shape.of(length)).copyFrom(new float[length]);
                binding.run(Cancellation.none());
                assertThat(binding.get("y").getFloat(length - 1)).isEqualTo(3f);
            }
        }
    }

    @Test
    void failsAndRecovers() {
        Tensor two = Tensor.of(Shape.of(2), 1f, 2f);
        Tensor three = Tensor.of(Shape.of(3), 1f, 2f, 3f);
        Tensor y = Tensor.zeros(DType.F32, Shape.of(2));
        try (Session session = load(TestGraphs.add());
                Binding binding = session.bind()) {
            binding.input("a", two).output("y", y);
            assertThatThrownBy(() -> binding.run(Cancellation.none()))
                    .hasMessage("missing inputs of the graph: [b]");
            binding.input("b", three);
            assertThatThrownBy(() -> binding.run(Cancellation.none()))
                    .isInstanceOf(PlumblineException.class)
                    .hasMessageContaining("could not run a graph: ");
            binding.input("b", two).run(new Cancellation());
            assertThat(y.toFloats()).containsExactly(2f, 4f);
            assertThatThrownBy(() -> binding.input("c", two)).hasMessageContaining("no input c");
        }
    }
}
