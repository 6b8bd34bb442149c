package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFeaturesTest {
    @TempDir static Path cache;

    @Test
    void aPictureThatManyAskForAtOnceIsLookedAtOnce() throws Exception {
        Path folder = Golden.FOLDER.resolve("grouped-tied-f32/model");
        try (TestRuntime runtime = new TestRuntime();
                LoadedModel model = LoadedModel.load(folder, cache, runtime.runtime());
                ExecutorService callers = Executors.newFixedThreadPool(16)) {
            for (int round = 0; round < 20; round++) {
                Picture picture = noise(round);
                List<Future<Tensor>> asked = new ArrayList<>();
                for (int i = 0; i < 16; i++) {
                    boolean cancelled = i % 4 == 1;
                    asked.add(callers.submit(() -> features(model, picture, cancelled)));
                }
                Tensor first = asked.getFirst().get();
                for (int i = 0; i < 16; i++) {
                    if (i % 4 != 1) {
                        // Computed again, it would be another tensor.
                        assertThat(asked.get(i).get()).isSameAs(first);
                    }
                }
            }
        }
    }

    private static Tensor features(LoadedModel model, Picture picture, boolean cancelled) {
        Cancellation cancellation = new Cancellation();
        if (!cancelled) {
            return model.features().of(picture, cancellation);
        }
        cancellation.cancel();
        try {
            return model.features().of(picture, cancellation);
        } catch (PlumblineException e) {
            assertThat(e.reason()).isEqualTo("CANCELLED");
            return Tensor.of(Shape.of(1), 0f);
        }
    }

    private static Picture noise(long seed) {
        byte[] rgb = new byte[40 * 30 * 3];
        new Random(seed).nextBytes(rgb);
        return new Picture(40, 30, rgb);
    }
}
