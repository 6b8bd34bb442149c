package dev.plumbline.plugins.sae;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SaeSelectorTest {
    @Test
    void isInTheIndexOfExtensions() throws IOException {
        Path index = Path.of("target", "classes", "META-INF", "extensions.idx");
        assertThat(Files.readAllLines(index)).contains(SaeSelector.class.getName());
        assertThat(new SaeSelector().name()).isEqualTo("sae");
    }
}
