package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.checkpoint.Safetensors;
import dev.plumbline.engine.image.ImageDecoder;
import dev.plumbline.engine.image.ImageProcessorConfig.Size;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.image.QwenImageProcessorConfig;
import dev.plumbline.engine.image.QwenImageProcessorConfig.Patching;
import dev.plumbline.engine.onnx.OnnxWriter;
import dev.plumbline.engine.runtime.Device;
import dev.plumbline.engine.runtime.Session;
import dev.plumbline.engine.runtime.Weights;
import dev.plumbline.engine.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Qwen2.5-VL's pixels and features against transformers (resources/qwen/vision). */
class QwenVisionTest {
    private static final Path FOLDER = Path.of("src/test/resources/qwen/vision");
    private static final List<String> PICTURES =
            List.of("exact", "landscape", "portrait", "tiny", "wide");
    private static final String SMALL = "small-patches";
    private static final String LARGE = "large-patches";
    private static final String THREE = "three-merged";

    private static TestRuntime runtime;

    @BeforeAll
    static void open() {
        runtime = new TestRuntime();
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {SMALL, LARGE, THREE})
    void sizesAreTransformers(String name) {
        long[] sizes = golden(name).tensor("smart_resize").toLongs();
        var resize = QwenImageProcessorConfig.read(FOLDER.resolve(name)).resize();
        for (int i = 0; i < sizes.length; i += 4) {
            assertThat(resize.of((int) sizes[i], (int) sizes[i + 1]))
                    .as("%d x %d", sizes[i], sizes[i + 1])
                    .isEqualTo(new Size((int) sizes[i + 2], (int) sizes[i + 3]));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {SMALL, LARGE, THREE})
    void pixelsAreTransformers(String name) {
        Safetensors golden = golden(name);
        float[] values = golden.tensor("values").toFloats();
        Patching patching = QwenImageProcessorConfig.read(FOLDER.resolve(name)).patching();
        int plane = patching.size() * patching.size();
        QwenPictures pictures = pictures(name);
        for (String picture : PICTURES) {
            long[] grid = golden.tensor(picture + ".grid").toLongs();
            Picture decoded = picture(picture);
            assertThat(pictures.grid(decoded.width(), decoded.height()))
                    .isEqualTo(
                            new PictureGrid(
                                    (int) grid[0] / patching.merge(),
                                    (int) grid[1] / patching.merge()));
            long[] levels = golden.tensor(picture + ".levels").toLongs();
            float[] expected = new float[levels.length * patching.frames()];
            for (int i = 0; i < expected.length; i++) {
                int row = i / (plane * patching.frames());
                int level = (int) levels[row * plane + i % plane];
                expected[i] = values[row % 3 * 256 + level];
            }
            Tensor found = Objects.requireNonNull(pictures.of(decoded).get("pixel_values"));
            assertThat(found.toFloats()).as(picture).containsExactly(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {SMALL, LARGE, THREE})
    void featuresAreTransformers(String name) {
        Safetensors golden = golden(name);
        QwenPictures pictures = pictures(name);
        try (Weights weights = weights(name);
                Session session =
                        runtime.runtime()
                                .session(
                                        OnnxWriter.write(QwenVisionTower.graph(config(name))),
                                        weights,
                                        Device.CPU)) {
            for (String picture : PICTURES) {
                Tensor expected = golden.tensor(picture + ".features");
                Map<String, Tensor> inputs = pictures.of(picture(picture));
                Tensor found =
                        Objects.requireNonNull(TestRuntime.run(session, inputs).get("features"));
                assertThat(found.shape()).isEqualTo(expected.shape());
                assertClose(found.toFloats(), expected.toFloats(), picture);
                Map<String, Tensor> black = new HashMap<>(inputs);
                Tensor pixels = Objects.requireNonNull(inputs.get("pixel_values"));
                black.put("pixel_values", Tensor.zeros(pixels.dtype(), pixels.shape()));
                Tensor other =
                        Objects.requireNonNull(TestRuntime.run(session, black).get("features"));
                assertThat(largestDifference(other.toFloats(), expected.toFloats()))
                        .as("%s and a gray one", picture)
                        .isGreaterThan(0.5);
            }
        }
    }

    private static void assertClose(float[] found, float[] expected, String what) {
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) found[i])
                    .as("%s, feature %d", what, i)
                    .isCloseTo(expected[i], within(1e-4 * Math.max(1, Math.abs(expected[i]))));
        }
    }

    private static double largestDifference(float[] a, float[] b) {
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(a[i] - b[i]));
        }
        return largest;
    }

    private static QwenVisionConfig config(String name) {
        try {
            var json = new ObjectMapper().readTree(FOLDER.resolve(name + "/config.json").toFile());
            return QwenVisionConfig.read(new ConfigReader(json).child("vision_config"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static QwenPictures pictures(String name) {
        return QwenPictures.read(FOLDER.resolve(name), config(name));
    }

    private static Weights weights(String name) {
        Safetensors file = Safetensors.open(FOLDER.resolve(name + "/model.safetensors"));
        Map<String, Tensor> tensors = new HashMap<>();
        file.names().forEach(tensor -> tensors.put(tensor, file.tensor(tensor)));
        return runtime.runtime().weights(tensors);
    }

    private static Safetensors golden(String name) {
        return Safetensors.open(FOLDER.resolve(name + "/golden.safetensors"));
    }

    private static Picture picture(String name) {
        try {
            byte[] bytes = Files.readAllBytes(FOLDER.resolve("images/" + name + ".png"));
            return ImageDecoder.decode(bytes, name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
