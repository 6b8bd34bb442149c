package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QwenVisionConfigTest {
    @Test
    void defaultsAreTransformers() throws JsonProcessingException {
        QwenVisionConfig config = read("{}");
        assertThat(config.depth()).isEqualTo(32);
        assertThat(config.details().fullAttention()).containsExactlyInAnyOrder(7, 15, 23, 31);
        assertThat(config.details().window()).isEqualTo(4);
        assertThat(config.patching().values()).isEqualTo(1176);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "model_type; \"qwen2_vl\"",
                "hidden_act; \"mish\"",
                "in_channels; 4",
                "in_chans; 1",
                "num_heads; 5",
                "num_heads; 1792",
                "patch_size; [14, 14]",
                "patch_size; 100000",
                "spatial_merge_size; 0",
                "window_size; 27",
                "fullatt_block_indexes; 7",
                "fullatt_block_indexes; [\"7\"]",
                "rope_parameters; {\"rope_type\": \"yarn\"}"
            })
    void whatIsNotSupportedIsNamed(String key, String value) {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> read("{\"" + key + "\": " + value + "}"))
                .withMessageContaining("config.json: vision_config.")
                .withMessageContaining(key.equals("in_chans") ? "in_channels" : key)
                .satisfies(f -> assertThat(f.reason()).isEqualTo("MODEL_UNSUPPORTED"));
    }

    @Test
    void anImageProcessorOfAnotherModelIsRefused(@TempDir Path folder) throws IOException {
        Files.writeString(
                folder.resolve("preprocessor_config.json"),
                "{\"image_processor_type\": \"Qwen2VLImageProcessor\", \"patch_size\": 16}");
        QwenVisionConfig config = read("{}");
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> QwenPictures.read(folder, config))
                .withMessageContaining(folder.toString())
                .withMessageContaining("size=16")
                .withMessageContaining("size=14")
                .satisfies(f -> assertThat(f.reason()).isEqualTo("MODEL_UNSUPPORTED"));
    }

    private static QwenVisionConfig read(String vision) throws JsonProcessingException {
        var json = new ObjectMapper().readTree("{\"vision_config\": " + vision + "}");
        return QwenVisionConfig.read(new ConfigReader(json).child("vision_config"));
    }
}
