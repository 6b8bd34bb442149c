package dev.plumbline.plugins.similarity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SimilaritySelectorTest {
    @Test
    void isInTheIndexOfExtensions() throws IOException {
        Path index = Path.of("target", "classes", "META-INF", "extensions.idx");
        assertThat(Files.readAllLines(index)).contains(SimilaritySelector.class.getName());
        assertThat(new SimilaritySelector().name()).isEqualTo("similarity");
    }
}
