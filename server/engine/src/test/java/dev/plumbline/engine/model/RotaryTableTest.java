package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import org.junit.jupiter.api.Test;

class RotaryTableTest {
    private static final double[] FREQUENCIES = {1, 0.5, 0.25, 0.125};

    @Test
    void eachSectionFollowsItsOwnAxis() {
        RotaryTable table = new RotaryTable(FREQUENCIES, new int[] {2, 1, 1});
        int[] temporal = {0, 1};
        int[] height = {0, 5};
        int[] width = {0, 7};
        float[] sin = sines(table, TokenPositions.of(temporal, height, width, 9), 0, 2);
        assertThat(sin).startsWith(0, 0, 0, 0);
        assertThat(sin)
                .endsWith(
                        (float) Math.sin(1),
                        (float) Math.sin(0.5),
                        (float) Math.sin(5 * 0.25),
                        (float) Math.sin(7 * 0.125));
    }

    @Test
    void textAfterTheSequenceCountsOnFromNext() {
        RotaryTable table = new RotaryTable(FREQUENCIES, new int[] {2, 1, 1});
        TokenPositions positions =
                TokenPositions.of(new int[] {0, 1}, new int[] {0, 5}, new int[] {0, 7}, 8);
        float[] after = sines(table, positions, 3, 4);
        assertThat(after).isEqualTo(sines(table, positions.followedBy(2), 3, 4));
        assertThat(after).startsWith((float) Math.sin(9), (float) Math.sin(4.5));
        assertThat(positions.followedBy(2).next()).isEqualTo(10);
        assertThat(TokenPositions.text(3).at(2, 5)).isEqualTo(5);
    }

    @Test
    void sectionsMustCoverTheFrequencies() {
        assertThatThrownBy(() -> new RotaryTable(FREQUENCIES, new int[] {2, 1}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[2, 1]");
        assertThatThrownBy(() -> TokenPositions.of(new int[2], new int[1], new int[2], 3))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static float[] sines(RotaryTable table, TokenPositions positions, int from, int to) {
        Shape shape = Shape.of(to - from, table.width());
        Tensor cos = Tensor.zeros(DType.F32, shape);
        Tensor sin = Tensor.zeros(DType.F32, shape);
        table.fill(positions, from, to, cos, sin, 0);
        return sin.toFloats();
    }
}
