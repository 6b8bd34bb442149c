package dev.plumbline.engine.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImagePoolTest {
    @TempDir Path folder;

    @Test
    void picturesOfAFolderAndItsFoldersInAFixedOrder() throws IOException {
        Files.createDirectories(folder.resolve("deep/er"));
        Files.createDirectories(folder.resolve("folder.jpg"));
        for (String name : List.of("b.PNG", "a.jpg", "deep/er/c.jpeg", "notes.txt", "png")) {
            Files.writeString(folder.resolve(name), "");
        }
        assertThat(ImagePool.folder(folder).images())
                .containsExactly(
                        folder.resolve("a.jpg"),
                        folder.resolve("b.PNG"),
                        folder.resolve("deep/er/c.jpeg"));
    }

    @Test
    void whatIsWrongIsNamed() throws IOException {
        refused("POOL_EMPTY", folder);
        refused("POOL_NOT_FOUND", folder.resolve("none"));
        // A link that leads to itself cannot be followed, nor can it be a picture.
        Files.createSymbolicLink(folder.resolve("loop.png"), folder.resolve("loop.png"));
        refused("POOL_EMPTY", folder);
    }

    private static void refused(String reason, Path pool) {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> ImagePool.folder(pool))
                .withMessageContaining(pool.toString())
                .satisfies(e -> {
                    assertThat(e.reason()).isEqualTo(reason);
                    assertThat(e.field()).contains("pool");
                });
    }
}
