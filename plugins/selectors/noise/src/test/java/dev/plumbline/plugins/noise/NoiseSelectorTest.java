package dev.plumbline.plugins.noise;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class NoiseSelectorTest {
    @Test
    void isInTheIndexOfExtensions() throws IOException {
        Path index = Path.of("target", "classes", "META-INF", "extensions.idx");
        assertThat(Files.readAllLines(index)).contains(NoiseSelector.class.getName());
        assertThat(new NoiseSelector().name()).isEqualTo("noise");
    }
}
