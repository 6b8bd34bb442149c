package dev.plumbline.engine.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders that get their names. */
class WholeFileTest {
    @TempDir Path folder;

    private Path made(String name) throws IOException {
        Path made = Files.createDirectories(folder.resolve(name));
        Files.writeString(made.resolve("file"), name);
        return made;
    }

    @Test
    void aNameThatIsTakenStaysWithTheFirst() throws IOException {
        Path name = folder.resolve("name");
        assertThat(WholeFile.place(made("first"), name)).isTrue();
        Path second = made("second");
        assertThat(WholeFile.place(second, name)).isFalse();
        assertThat(name.resolve("file")).hasContent("first");
        assertThat(second.resolve("file")).hasContent("second");
    }

    @Test
    void whatIsNotThereIsNotPlaced() throws IOException {
        Path name = made("name");
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> WholeFile.place(folder.resolve("gone"), name));
    }
}
