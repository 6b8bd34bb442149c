package dev.plumbline.engine.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageProcessorTest {
    @TempDir Path folder;

    static Stream<JsonNode> processed() {
        return ImageFixtures.cases("processed");
    }

    @ParameterizedTest
    @MethodSource("processed")
    void equalsTransformersBitForBit(JsonNode expected) throws IOException {
        write("preprocessor_config.json", expected.path("config").toString());
        PixelValues values =
                new ImageProcessor(ImageProcessorConfig.read(folder))
                        .process(ImageFixtures.picture(expected.path("file").asText()));
        assertThat(values.height()).isEqualTo(expected.path("height").asInt());
        assertThat(values.width()).isEqualTo(expected.path("width").asInt());
        assertThat(values.values()[0]).isEqualTo((float) expected.path("first").path(0).asDouble());
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.values().length);
        bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values.values());
        assertThat(ImageFixtures.sha256(bytes.array())).isEqualTo(expected.path("sha256").asText());
    }

    @Test
    void theNestedConfigIsPreferred() throws IOException {
        write("preprocessor_config.json", clip("\"size\": 10"));
        write("processor_config.json", "{\"image_processor\": " + clip("\"size\": 20") + "}");
        assertThat(ImageProcessorConfig.read(folder).resize())
                .contains(new ImageProcessorConfig.ShortestEdge(20, ResampleFilter.BICUBIC));
        write("processor_config.json", "{\"processor_class\": \"LlavaProcessor\"}");
        assertThat(ImageProcessorConfig.read(folder).resize())
                .contains(new ImageProcessorConfig.ShortestEdge(10, ResampleFilter.BICUBIC));
    }

    @Test
    void readsTheOldNameOfTheType() throws IOException {
        write(
                "preprocessor_config.json",
                "{\"feature_extractor_type\": \"CLIPFeatureExtractor\", \"crop_size\": 336}");
        assertThat(ImageProcessorConfig.read(folder).crop())
                .contains(new ImageProcessorConfig.Size(336, 336));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"image_processor_type\": \"SiglipImageProcessor\"}",
                "{\"image_processor_type\": \"CLIPImageProcessor\", \"resample\": 9}",
                "{\"image_processor_type\": \"CLIPImageProcessor\", \"size\": {\"longest_edge\": 9}}",
                "{}"
            })
    void refusesWhatItWouldNotDoRight(String config) throws IOException {
        write("preprocessor_config.json", config);
        assertRefused("IMAGE_PROCESSOR_UNSUPPORTED");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "{\"image_processor_type\": \"CLIPImageProcessor\", \"size\": -1}",
                "{\"image_processor_type\": \"CLIPImageProcessor\", \"image_mean\": [1, 2]}",
                "{\"image_processor_type\": \"CLIPImageProcessor\", \"do_resize\": \"yes\"}"
            })
    void refusesDamagedSettings(String config) throws IOException {
        write("preprocessor_config.json", config);
        assertRefused("IMAGE_PROCESSOR_INVALID");
    }

    @Test
    void refusesAFolderWithoutConfig() {
        assertRefused("IMAGE_PROCESSOR_MISSING");
    }

    @Test
    void refusesExtremeProportions() throws IOException {
        write("preprocessor_config.json", clip("\"size\": 336"));
        ImageProcessor processor = new ImageProcessor(ImageProcessorConfig.read(folder));
        Picture line = new Picture(1_000_000, 1, new byte[3_000_000]);
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> processor.process(line))
                .satisfies(failure -> assertThat(failure.reason()).isEqualTo("IMAGE_TOO_LARGE"));
    }

    private void assertRefused(String reason) {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> ImageProcessorConfig.read(folder))
                .satisfies(failure -> {
                    assertThat(failure.reason()).isEqualTo(reason);
                    assertThat(failure).hasMessageContaining(folder.toString());
                });
    }

    private static String clip(String settings) {
        return "{\"image_processor_type\": \"CLIPImageProcessorFast\", " + settings + "}";
    }

    private void write(String file, String json) throws IOException {
        Files.writeString(folder.resolve(file), json);
    }
}
