package dev.plumbline.engine.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappedFileTest {
    @TempDir Path folder;

    @Test
    void viewsTensorsAtAnyOffset() throws IOException {
        byte[] bytes =
                ByteBuffer.allocate(11)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .put(new byte[] {7, 8, 9})
                        .putFloat(1.5f)
                        .putFloat(-2f)
                        .array();
        MappedFile file = MappedFile.open(Files.write(folder.resolve("f"), bytes));
        assertThat(file.size()).isEqualTo(11);
        assertThat(file.bytes(1, 2)).containsExactly(8, 9);
        Tensor tensor = file.tensor(DType.F32, Shape.of(2), 3);
        assertThat(tensor.toFloats()).containsExactly(1.5f, -2f);
        assertThatThrownBy(() -> tensor.setFloat(0, 1f))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(file.tensor(DType.F32, Shape.of(0, 4), 11).byteSize()).isZero();
    }

    @Test
    void namesAFileThatEndsTooEarly() throws IOException {
        MappedFile file = MappedFile.open(Files.write(folder.resolve("short"), new byte[11]));
        assertThatThrownBy(() -> file.tensor(DType.F32, Shape.of(3), 0))
                .isInstanceOfSatisfying(
                        PlumblineException.class,
                        e -> {
                            assertThat(e.reason()).isEqualTo("FILE_TRUNCATED");
                            assertThat(e).hasMessageContaining("short has 11 bytes");
                        });
        assertThatThrownBy(() -> file.bytes(Long.MAX_VALUE, 1))
                .isInstanceOf(PlumblineException.class);
    }

    @Test
    void namesAFileThatIsNotThere() {
        assertThatThrownBy(() -> MappedFile.open(folder.resolve("missing")))
                .isInstanceOfSatisfying(
                        PlumblineException.class,
                        e -> assertThat(e.reason()).isEqualTo("FILE_NOT_FOUND"));
    }
}
