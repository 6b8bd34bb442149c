package dev.plumbline.engine.select;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.engine.image.ImageDecoder;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.model.ClipModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.RuntimeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was embedded before a process died, and what is after, must not differ in a single bit. */
class SteadyEmbedderTest {
    private static final Path DEMO = Path.of("../../eval-harness/demo");
    private static final List<String> TEXTS =
            List.of(
                    "a ball",
                    "There are a red ball, a green bench and two small dogs in a park, at night.",
                    "",
                    "a cup on a table",
                    "a street with many cars, and nobody in it",
                    "snow");

    @TempDir Path cache;

    @Test
    void aVectorDoesNotDependOnItsCompany() throws IOException {
        List<Picture> pictures = new ArrayList<>();
        for (int i = 0; i < TEXTS.size(); i++) {
            Path file = DEMO.resolve("data/images/%04d.jpg".formatted(i));
            pictures.add(ImageDecoder.decode(Files.readAllBytes(file), file.toString()));
        }
        var options = new RuntimeOptions(2, Optional.empty(), Path.of("target", "onnxruntime"));
        try (Runtime runtime = Runtime.open(options);
                ClipModel clip = ClipModel.load(DEMO.resolve("clip"), cache, runtime)) {
            Embedder embedder = SteadyEmbedder.of(new ClipEmbedder(clip));
            float[][] texts = embedder.texts(TEXTS, Cancellation.none());
            float[][] images = embedder.images(pictures, Cancellation.none());
            for (int i = 0; i < TEXTS.size(); i++) {
                assertThat(embedder.texts(List.of(TEXTS.get(i)), Cancellation.none())[0])
                        .isEqualTo(texts[i]);
                assertThat(embedder.images(List.of(pictures.get(i)), Cancellation.none())[0])
                        .isEqualTo(images[i]);
            }
        }
    }
}
