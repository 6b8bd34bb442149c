package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.image.ImageDecoder;
import dev.plumbline.engine.image.Picture;
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

/** The demo world's CLIP against what transformers said when it was made. */
class ClipDemoTest {
    private static final Path DEMO = Path.of("../../eval-harness/demo");

    @TempDir static Path cache;

    @Test
    void embeddingsAreTransformers() throws IOException {
        JsonNode golden =
                new ObjectMapper().readTree(DEMO.resolve("golden.json").toFile()).get("clip");
        List<Picture> pictures = new ArrayList<>();
        for (JsonNode image : golden.get("images")) {
            Path file = DEMO.resolve("data").resolve(image.asText());
            pictures.add(ImageDecoder.decode(Files.readAllBytes(file), image.asText()));
        }
        List<String> texts = new ArrayList<>();
        golden.get("texts").forEach(text -> texts.add(text.asText()));
        Path natives = Path.of("target", "onnxruntime");
        try (Runtime runtime = Runtime.open(new RuntimeOptions(2, Optional.empty(), natives));
                ClipModel clip = ClipModel.load(DEMO.resolve("clip"), cache, runtime)) {
            assertThat(clip.dimension()).isEqualTo(64);
            assertThat(clip.contextLength()).isEqualTo(77);
            ClipGolden.assertClose(
                    clip.images(pictures, Cancellation.none()), golden.get("image_embeddings"));
            ClipGolden.assertClose(
                    clip.texts(texts, Cancellation.none()), golden.get("text_embeddings"));
        }
    }
}
