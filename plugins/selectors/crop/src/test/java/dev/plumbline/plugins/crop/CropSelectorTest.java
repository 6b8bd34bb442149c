package dev.plumbline.plugins.crop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CropSelectorTest {
    @Test
    void isInTheIndexOfExtensions() throws IOException {
        Path index = Path.of("target", "classes", "META-INF", "extensions.idx");
        assertThat(Files.readAllLines(index)).contains(CropSelector.class.getName());
        assertThat(new CropSelector().name()).isEqualTo("crop");
    }
}
