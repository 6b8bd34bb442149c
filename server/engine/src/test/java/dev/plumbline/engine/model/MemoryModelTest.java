package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.plumbline.engine.checkpoint.HuggingFaceFolder;
import dev.plumbline.engine.checkpoint.WeightIndex;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.MemoryEstimate.Option;
import dev.plumbline.engine.tensor.Precision;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * Figures worked out by hand for a model of two layers (hidden 48, intermediate 80, 4 heads and 2
 * key heads of 12, vocabulary 478, tied head) with a tower of three (hidden 32, intermediate 64).
 */
class MemoryModelTest {
    private static final Path FOLDER = Path.of("src/test/resources/llava/grouped-tied-f32/model");

    /** Rows of a layer's matrices with 48 columns (q, k, v, o, gate, up), and of down with 80. */
    private static final long ROWS = 48 + 24 + 24 + 48 + 80 + 80;

    private static final long EMBEDDING = 478 * 48 * 4;
    private static final long NORMS = 5 * 48 * 4;
    private static final long PROJECTOR = (48 * 32 + 48 + 48 * 48 + 48) * 4;
    private static final long TOWER_LAYER =
            2 * 64 + 4 * (32 * 32 + 32) + (64 * 32 + 64) + (32 * 64 + 32);
    private static final long TOWER = (32 + 32 * 3 * 14 * 14 + 5 * 32 + 64 + 3 * TOWER_LAYER) * 4;
    private static final long PLAIN = EMBEDDING + NORMS + PROJECTOR + TOWER;

    private final HuggingFaceFolder folder = HuggingFaceFolder.open(FOLDER);
    private final WeightIndex index = folder.weightIndex();
    private final MemoryModel model = new MemoryModel(Llava.read(folder.config(), false), index);

    @Test
    void weightsInFp32() {
        MemoryParts parts = estimate(Precision.FP32, 0).parts();
        assertThat(parts.weights()).isEqualTo(PLAIN + 2 * (ROWS * 48 + 48 * 80) * 4);
        assertThat(parts.packed()).isZero();
        assertThat(model.storedBytes(Precision.FP32)).isEqualTo(parts.weights());
    }

    /** A block of 32 takes 16 or 32 bytes and a scale; 48 columns are 2 blocks, 80 are 3. */
    @Test
    void weightsInFewBits() {
        long head = 478 * 2 * (32 + 4);
        MemoryParts int4 = estimate(Precision.INT4, 0).parts();
        assertThat(int4.weights()).isEqualTo(PLAIN);
        assertThat(int4.packed()).isEqualTo(2 * (ROWS * 2 + 48 * 3) * (16 + 4) + head);
        MemoryParts int8 = estimate(Precision.INT8, 0).parts();
        assertThat(int8.weights()).isEqualTo(PLAIN);
        assertThat(int8.packed()).isEqualTo(2 * (ROWS * 2 + 48 * 3) * (32 + 4) + head);
        assertThat(estimate(Precision.W8A8, 0).parts()).isEqualTo(int8);
    }

    /** Heads of 12 are cached with a width of 16; keys and values of 2 heads in 2 layers. */
    @Test
    void theCacheIsThatOfTheContext() {
        long token = 2 * 2 * 2 * 16 * 4;
        assertThat(estimate(Precision.FP32, 0).parts().cache()).isEqualTo(256 * token);
        assertThat(estimate(Precision.FP32, 100).parts().cache()).isEqualTo(100 * token);
        assertThat(estimate(Precision.FP32, 1000).parts().cache()).isEqualTo(256 * token);
        assertThat(estimate(Precision.FP32, 100).contextLength()).isEqualTo(100);
    }

    @Test
    void activationsGrowWithThePromptAndNotWithThePrecision() {
        MemoryParts whole = estimate(Precision.FP32, 0).parts();
        MemoryParts less = estimate(Precision.FP32, 64).parts();
        assertThat(less.prefill()).isPositive().isLessThan(whole.prefill() / 2);
        assertThat(whole.vision()).isPositive().isEqualTo(less.vision());
        assertThat(estimate(Precision.INT4, 0).parts().prefill()).isEqualTo(whole.prefill());
    }

    @Test
    void namesWhatWouldFit() {
        long fp32 = estimate(Precision.FP32, 0).neededBytes();
        long int8 = estimate(Precision.INT8, 0).neededBytes();
        long int4 = estimate(Precision.INT4, 0).neededBytes();
        assertThat(model.estimate(Precision.FP32, 0, fp32).fitting()).isEmpty();
        assertThat(model.estimate(Precision.FP32, 0, fp32 - 1).fitting())
                .containsExactly(
                        new Option(Precision.INT8, 256, int8),
                        new Option(Precision.INT4, 256, int4));
        assertThat(model.estimate(Precision.FP32, 0, int8 - 1).fitting())
                .containsExactly(new Option(Precision.INT4, 256, int4));
        assertThat(model.estimate(Precision.INT4, 0, 1000).fitting()).isEmpty();
    }

    @Test
    void refusesWithAllFigures() {
        MemoryEstimate estimate =
                model.estimate(Precision.FP32, 0, estimate(Precision.INT4, 0).neededBytes());
        PlumblineException e =
                catchThrowableOfType(PlumblineException.class, () -> estimate.requireFits(FOLDER));
        assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
        assertThat(e.reason()).isEqualTo("MEMORY_INSUFFICIENT");
        assertThat(e.getMessage())
                .contains("in fp32 with 256 tokens", "weights 0.00 GB", "what fits: int4 (");
        assertThat(e.metadata())
                .containsEntry("needed_bytes", Long.toString(estimate.neededBytes()))
                .containsEntry("weights_bytes", Long.toString(estimate.parts().weights()))
                .containsEntry("cache_bytes", Long.toString(estimate.parts().cache()))
                .containsKeys("packed_bytes", "prefill_bytes", "vision_bytes", "available_bytes");
        estimate(Precision.FP32, 0).requireFits(FOLDER);
    }

    private MemoryEstimate estimate(Precision precision, int contextLength) {
        return model.estimate(precision, contextLength, Long.MAX_VALUE);
    }
}
