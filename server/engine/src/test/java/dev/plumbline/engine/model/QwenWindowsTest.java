package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.engine.tensor.Tensor;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QwenWindowsTest {
    /** Windows of two by two tokens, two by one, one by two, and of one. */
    private final QwenWindows windows = new QwenWindows(new PictureGrid(3, 3), 2, 1);

    @Test
    void tokensStandWindowAfterWindow() {
        assertThat(values("window_order")).containsExactly(0, 1, 3, 4, 2, 5, 6, 7, 8);
        assertThat(values("token_order")).containsExactly(0, 1, 4, 2, 3, 5, 6, 7, 8);
    }

    @Test
    void windowsAtTheBorderAreFilledUpAndMasked() {
        assertThat(values("window_mask"))
                .containsExactly(1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0);
        assertThat(values("patch_places")).containsExactly(0, 1, 2, 3, 4, 5, 8, 9, 12);
        assertThat(values("window_rows"))
                .containsExactly(0, 1, 2, 3, 4, 5, 0, 0, 6, 7, 0, 0, 8, 0, 0, 0);
    }

    @Test
    void patchesOfATokenStandTogether() {
        QwenWindows merged = new QwenWindows(new PictureGrid(1, 2), 4, 2);
        assertThat(merged.patches()).isEqualTo(8);
        assertThat(IntStream.range(0, 8).map(merged::row)).containsExactly(0, 0, 1, 1, 0, 0, 1, 1);
        assertThat(IntStream.range(0, 8).map(merged::column))
                .containsExactly(0, 1, 0, 1, 2, 3, 2, 3);
    }

    @Test
    void aPictureSmallerThanAWindowFillsIt() {
        Tensor mask = new QwenWindows(new PictureGrid(2, 3), 8, 2).inputs().get("window_mask");
        assertThat(Objects.requireNonNull(mask).shape().sizes()).containsExactly(1L, 24L);
        assertThat(mask.toLongs()).containsOnly(1);
    }

    private long[] values(String input) {
        return Objects.requireNonNull(windows.inputs().get(input)).toLongs();
    }
}
