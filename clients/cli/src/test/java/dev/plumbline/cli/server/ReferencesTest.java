package dev.plumbline.cli.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.client.PlumblineClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferencesTest {
    @TempDir Path directory;

    private Environment environment() {
        return new Environment(directory, directory, directory, Optional.empty(), false);
    }

    @Test
    void aNameMayOrMayNotCarryItsCollection() {
        assertThat(References.name("llava", "models/")).isEqualTo("models/llava");
        assertThat(References.name("models/llava", "models/")).isEqualTo("models/llava");
    }

    @Test
    void withoutAServerAModelMustBeAFolder() throws IOException {
        Files.createDirectory(directory.resolve("llava"));
        assertThatCode(() -> new References("llava", null).requireFolders(environment()))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> new References("other", null).requireFolders(environment()))
                .isInstanceOfSatisfying(
                        PlumblineClientException.class,
                        failure -> {
                            assertThat(failure.reason()).isEqualTo("MODEL_NOT_FOUND");
                            assertThat(failure.metadata()).containsEntry("model", "other");
                        });
    }

    @Test
    void foldersOfOneNameGetMarksThatDiffer() {
        Path folder = Path.of("/a/LLaVA 1.5");
        String mark = References.markedId(folder, "/a/LLaVA 1.5");
        assertThat(mark).matches("llava-1\\.5-[0-9a-f]{8}");
        assertThat(References.markedId(folder, "/b/LLaVA 1.5")).isNotEqualTo(mark);
    }
}
