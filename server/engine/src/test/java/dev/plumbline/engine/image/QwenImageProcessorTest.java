package dev.plumbline.engine.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.ImageProcessorConfig.Size;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings and limits; {@code QwenVisionTest} compares pixels with transformers. */
class QwenImageProcessorTest {
    private static final SmartResize PUBLISHED = new SmartResize(28, 3136, 12_845_056);

    @TempDir Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "\"min_pixels\": 10, \"max_pixels\": 20; 10; 20",
                "\"size\": {\"shortest_edge\": 30, \"longest_edge\": 40}; 30; 40",
                "\"min_pixels\": 10, \"size\": {\"shortest_edge\": 30, \"longest_edge\": 40}; 10; 40",
                "\"max_pixels\": null; 3136; 1003520",
                "\"max_pixels\": 5000000000; 3136; 5000000000"
            })
    void theBoundsOfTheAreaStandInEitherPlace(String settings, long minimum, long maximum)
            throws IOException {
        write("preprocessor_config.json", qwen(settings));
        assertThat(QwenImageProcessorConfig.read(folder).resize())
                .isEqualTo(new SmartResize(28, minimum, maximum));
    }

    @Test
    void theNestedConfigIsPreferred() throws IOException {
        write("preprocessor_config.json", qwen("\"patch_size\": 14"));
        write("processor_config.json", "{\"image_processor\": " + qwen("\"patch_size\": 8") + "}");
        assertThat(QwenImageProcessorConfig.read(folder).patching().factor()).isEqualTo(16);
    }

    @Test
    void aStepMayBeLeftOut() throws IOException {
        write(
                "preprocessor_config.json",
                qwen("\"do_rescale\": false, \"do_normalize\": false, \"patch_size\": 1"));
        byte[] rgb = new byte[3 * 56 * 56];
        rgb[3 * 57 + 1] = (byte) 200; // green of the second pixel in the second row
        PixelPatches patches =
                new QwenImageProcessor(QwenImageProcessorConfig.read(folder))
                        .process(new Picture(56, 56, rgb));
        assertThat(patches.rows()).isEqualTo(56);
        assertThat(patches.columns()).isEqualTo(56);
        // The fourth patch, both frames of its green.
        assertThat(patches.values()).startsWith(new float[18]).hasSize(6 * 56 * 56);
        assertThat(patches.values()[18 + 2]).isEqualTo(200);
        assertThat(patches.values()[18 + 3]).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"image_processor_type\": \"CLIPImageProcessor\"}",
                "{\"image_processor_type\": \"Qwen2VLImageProcessor\", \"do_resize\": false}",
                "{\"image_processor_type\": \"Qwen2VLImageProcessor\", \"resample\": 9}",
                "{}"
            })
    void refusesWhatItWouldNotDoRight(String config) throws IOException {
        write("preprocessor_config.json", config);
        assertRefused("IMAGE_PROCESSOR_UNSUPPORTED");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"min_pixels\": 0",
                "\"max_pixels\": \"many\"",
                "\"max_pixels\": 1e30",
                "\"size\": {\"shortest_edge\": 3136}",
                "\"size\": {\"height\": 300, \"width\": 300}",
                "\"patch_size\": -14",
                "\"patch_size\": 100000",
                "\"merge_size\": 1000000000",
                "\"temporal_patch_size\": 1000",
                "\"image_std\": [1, 1, 0]"
            })
    void refusesDamagedSettings(String settings) throws IOException {
        write("preprocessor_config.json", qwen(settings));
        assertRefused("IMAGE_PROCESSOR_INVALID");
    }

    @ParameterizedTest
    @CsvSource({"1, 200", "200, 1", "1, 1", "28, 28"})
    void smallPicturesAreEnlarged(int height, int width) {
        Size size = PUBLISHED.of(height, width);
        assertThat(size.pixels()).isGreaterThanOrEqualTo(3136);
        assertThat(size.height() % 28 + size.width() % 28).isZero();
    }

    @Test
    void refusesExtremeProportions() {
        assertRefused(PUBLISHED, 201, 1, "IMAGE_PROPORTIONS_EXTREME");
        assertRefused(PUBLISHED, 10, 2001, "IMAGE_PROPORTIONS_EXTREME");
    }

    @Test
    void refusesBoundsThatNoMachineShouldFollow() {
        assertRefused(new SmartResize(28, 1L << 40, 1L << 50), 30, 30, "IMAGE_TOO_LARGE");
        assertRefused(new SmartResize(28, 1, 1L << 50), 5000, 5000, "IMAGE_TOO_LARGE");
    }

    private static void assertRefused(SmartResize resize, int height, int width, String reason) {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> resize.of(height, width))
                .withMessageContaining(width + " x " + height)
                .satisfies(failure -> assertThat(failure.reason()).isEqualTo(reason));
    }

    private void assertRefused(String reason) {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> QwenImageProcessorConfig.read(folder))
                .withMessageContaining(folder.toString())
                .satisfies(failure -> assertThat(failure.reason()).isEqualTo(reason));
    }

    private static String qwen(String settings) {
        return "{\"image_processor_type\": \"Qwen2VLImageProcessorFast\", " + settings + "}";
    }

    private void write(String file, String json) throws IOException {
        Files.writeString(folder.resolve(file), json);
    }
}
