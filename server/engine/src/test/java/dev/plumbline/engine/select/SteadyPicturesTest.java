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
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A vector is the same to the last bit whatever it is computed beside. */
class SteadyPicturesTest {
    private static final Path DEMO = Path.of("../../eval-harness/demo");
    private static final int PICTURES = 23;

    @TempDir Path folder;

    @Test
    void neitherBatchNorPlaceChangesAVector() throws IOException {
        List<Picture> pictures = new ArrayList<>();
        try (Stream<Path> files = Files.list(DEMO.resolve("data/pool"))) {
            for (Path file : files.sorted().limit(PICTURES).toList()) {
                pictures.add(ImageDecoder.decode(Files.readAllBytes(file), file.toString()));
            }
        }
        var options = new RuntimeOptions(2, Optional.empty(), folder.resolve("native"));
        try (Runtime runtime = Runtime.open(options);
                ClipModel clip = ClipModel.load(DEMO.resolve("clip"), folder, runtime)) {
            Embedder embedder = SteadyEmbedder.of(new ClipEmbedder(clip));
            float[][] together = embedder.images(pictures, Cancellation.none());
            assertThat(together).hasDimensions(PICTURES, clip.dimension());
            for (int i = 0; i < PICTURES; i++) {
                assertThat(embedder.images(List.of(pictures.get(i)), Cancellation.none())[0])
                        .isEqualTo(together[i]);
            }
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < PICTURES; i++) {
                order.add(i);
            }
            Collections.shuffle(order, new Random(3));
            List<Picture> shuffled = order.stream().map(pictures::get).toList();
            float[][] otherwise = embedder.images(shuffled, Cancellation.none());
            for (int i = 0; i < PICTURES; i++) {
                assertThat(otherwise[i]).isEqualTo(together[order.get(i)]);
            }
        }
    }
}
