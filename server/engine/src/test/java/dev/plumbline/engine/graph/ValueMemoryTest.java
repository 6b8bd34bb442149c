package dev.plumbline.engine.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.engine.tensor.DType;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ValueMemoryTest {
    private final GraphBuilder builder = new GraphBuilder("test");

    /** [B, S, 4] for B = 2 and S = 3. */
    private static final long VALUE = 2 * 3 * 4 * 4;

    private static final Map<String, Long> SIZES = Map.of("B", 2L, "S", 3L);

    @Test
    void aValueGoesAfterItsLastUse() {
        Value x = builder.input("x", DType.F32, Dim.shape("B", "S", 4));
        Value a = MathOps.exp(x);
        Value b = MathOps.neg(a);
        Value c = MathOps.exp(b);
        builder.output(MathOps.neg(c));
        ValueMemory memory = new ValueMemory(builder.build(), SIZES);
        assertThat(memory.peak()).isEqualTo(2 * VALUE);
        assertThat(memory.sum()).isEqualTo(4 * VALUE);
    }

    @Test
    void whatIsUsedLateAndWhatLeavesTheGraphStays() {
        Value x = builder.input("x", DType.F32, Dim.shape("B", "S", 4));
        Value early = MathOps.exp(x);
        Value left = MathOps.neg(early);
        builder.output(left);
        Value middle = MathOps.exp(left);
        builder.output(MathOps.add(middle, early));
        assertThat(new ValueMemory(builder.build(), SIZES).peak()).isEqualTo(4 * VALUE);
    }

    @Test
    void aReshapedValueIsTheSameMemory() {
        Value x = builder.input("x", DType.F32, Dim.shape("B", "S", 4));
        Value a = MathOps.exp(x);
        Value flat = ShapeOps.flatten(a);
        builder.output(MathOps.neg(flat));
        ValueMemory memory = new ValueMemory(builder.build(), SIZES);
        assertThat(memory.peak()).isEqualTo(2 * VALUE);
        assertThat(memory.sum()).isEqualTo(2 * VALUE);
    }

    @Test
    void aNameWithoutASizeIsAnError() {
        Value x = builder.input("x", DType.F32, Dim.shape("T"));
        builder.output(MathOps.neg(x));
        Graph graph = builder.build();
        assertThatThrownBy(() -> new ValueMemory(graph, SIZES).peak())
                .hasMessageContaining("no size for T");
    }
}
