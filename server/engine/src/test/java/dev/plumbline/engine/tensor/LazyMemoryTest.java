package dev.plumbline.engine.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class LazyMemoryTest {
    private static final long MEGABYTE = 1L << 20;

    @Test
    void holdsZerosAndWhatIsWritten() {
        try (LazyMemory memory = LazyMemory.allocate(4 * MEGABYTE)) {
            Tensor tensor = memory.tensor(DType.F32, Shape.of(3, 5), 2 * MEGABYTE);
            assertThat(tensor.toFloats()).containsOnly(0f);
            tensor.setFloat(14, 7);
            assertThat(memory.tensor(DType.F32, Shape.of(15), 2 * MEGABYTE).getFloat(14))
                    .isEqualTo(7);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void takesMemoryOnlyWhereItIsWrittenAndGivesItBack() throws IOException {
        try (LazyMemory memory = LazyMemory.allocate(1L << 40)) {
            long before = residentBytes();
            Tensor part = memory.tensor(DType.F32, Shape.of(16 * MEGABYTE), 1L << 39);
            for (long i = 0; i < 16 * MEGABYTE; i += 1024) {
                part.setFloat(i, 1);
            }
            long written = residentBytes() - before;
            assertThat(written).isBetween(60 * MEGABYTE, 90 * MEGABYTE);
            memory.discard(part);
            assertThat(residentBytes() - before).isLessThan(20 * MEGABYTE);
            assertThat(part.getFloat(1024)).isZero();
        }
    }

    @Test
    void whatIsClosedCannotBeRead() {
        LazyMemory memory = LazyMemory.allocate(MEGABYTE);
        Tensor tensor = memory.tensor(DType.F32, Shape.of(4), 0);
        memory.close();
        assertThatThrownBy(() -> tensor.getFloat(0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void saysWhatTheSystemRefuses() {
        assertThatThrownBy(() -> LazyMemory.allocate(Long.MAX_VALUE / 2))
                .isInstanceOfSatisfying(
                        PlumblineException.class,
                        e -> assertThat(e.reason()).isEqualTo("MEMORY_INSUFFICIENT"));
    }

    private static long residentBytes() throws IOException {
        String[] pages = Files.readString(Path.of("/proc/self/statm")).split(" ");
        return Long.parseLong(pages[1]) * 4096;
    }
}
