package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LlamaConfig.Sizes;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Configurations as published and as transformers 5 writes them, and some that cannot be. */
class QwenConfigTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path PROCESSOR = Path.of("src/test/resources/qwen/tied-f32-new/model");

    /** The fields of Qwen2.5-VL-7B-Instruct. */
    private static final String PUBLISHED =
            """
            {
              "model_type": "qwen2_5_vl", "hidden_act": "silu", "hidden_size": 3584,
              "image_token_id": 151655, "video_token_id": 151656, "intermediate_size": 18944,
              "max_position_embeddings": 128000, "max_window_layers": 28,
              "num_attention_heads": 28, "num_hidden_layers": 28, "num_key_value_heads": 4,
              "rms_norm_eps": 1e-06, "rope_theta": 1000000.0, "sliding_window": 32768,
              "tie_word_embeddings": false, "use_sliding_window": false,
              "vision_config": {"depth": 32, "hidden_size": 1280, "intermediate_size": 3420,
                "num_heads": 16, "out_hidden_size": 3584, "window_size": 112,
                "fullatt_block_indexes": [7, 15, 23, 31]},
              "rope_scaling": {"type": "mrope", "mrope_section": [16, 24, 24]},
              "vocab_size": 152064
            }
            """;

    @Test
    void readsThePublishedOne() {
        LlamaConfig text = text(json(PUBLISHED));
        assertThat(text.sizes()).isEqualTo(new Sizes(152064, 3584, 18944, 28, 28, 4, 128));
        assertThat(text.rmsNormEps()).isEqualTo(1e-6);
        assertThat(text.biases()).isEqualTo(new LlamaConfig.Biases(true, false, false));
        assertThat(text.contextLength()).isEqualTo(128000);
        RotaryTable rotary = text.rope().table();
        assertThat(rotary.sections()).containsExactly(16, 24, 24);
        assertThat(rotary.inverseFrequencies()[32]).isEqualTo(1e-3f);
        ModelFamily family = Qwen25Vl.read(json(PUBLISHED), PROCESSOR);
        assertThat(family.tensors())
                .containsKey("lm_head.weight")
                .containsKey("visual.blocks.31.attn.qkv.bias")
                .containsKey("language_model.model.layers.27.self_attn.q_proj.bias")
                .doesNotContainKey("language_model.model.layers.27.self_attn.o_proj.bias")
                .hasSize(729);
    }

    /** The processor's own bound is 12 tokens, and in the memory that is told the prompt's. */
    @Test
    void theLargestPictureIsNoLargerThanAPrompt() {
        ModelFamily family = Qwen25Vl.read(json(PUBLISHED), PROCESSOR);
        assertThat(family.facts().pictures().mostTokens()).isEqualTo(12);
        assertThat(family.largestPicture(4096)).containsEntry("patches", 48L);
        assertThat(family.largestPicture(5)).containsEntry("patches", 20L);
    }

    @Test
    void aTiedOneHasNoHead() {
        ObjectNode config = json(PUBLISHED).put("tie_word_embeddings", true);
        assertThat(Qwen25Vl.read(config, PROCESSOR).tensors()).doesNotContainKey("lm_head.weight");
    }

    @Test
    void readsTheNestedOneWithItsDefaults() {
        ObjectNode config = json("{}");
        config.putObject("text_config").put("hidden_size", 2048).put("num_attention_heads", 16);
        config.put("hidden_size", 17);
        LlamaConfig text = text(config);
        assertThat(text.sizes()).isEqualTo(new Sizes(152064, 2048, 29568, 80, 16, 8, 128));
        assertThat(text.rmsNormEps()).isEqualTo(1e-5);
        assertThat(text.contextLength()).isEqualTo(32768);
        assertThat(text.rope().sections()).containsExactly(16, 24, 24);
    }

    @ParameterizedTest
    @CsvSource({
        "max_window_layers, 80",
        "sliding_window, 128000",
    })
    void aWindowThatChangesNothingIsNoMatter(String key, int value) {
        ObjectNode config = json(PUBLISHED).put("use_sliding_window", true);
        config.put("max_window_layers", 20).put(key, value);
        assertThat(text(config).sizes().numHiddenLayers()).isEqualTo(28);
    }

    @ParameterizedTest
    @CsvSource({
        "use_sliding_window, true, use_sliding_window",
        "rope_scaling, '{\"type\": \"yarn\", \"factor\": 4, \"mrope_section\": [16, 24, 24]}', yarn",
        "rope_scaling, '{\"type\": \"mrope\", \"mrope_section\": [16, 24]}', mrope_section",
        "rope_scaling, '{\"type\": \"mrope\", \"mrope_section\": [16, 24, 25]}', mrope_section",
        "rope_scaling, '{\"type\": \"mrope\", \"mrope_section\": [-16, 56, 24]}', mrope_section",
        "rope_scaling, '{\"type\": \"mrope\", \"mrope_section\": 64}', mrope_section",
        "head_dim, 64, num_attention_heads",
        "num_attention_heads, 27, num_",
        "num_key_value_heads, 5, num_key_value_heads",
        "text_config, '{\"model_type\": \"qwen3_vl_text\"}', text_config.model_type",
        "image_token_id, 152064, image_token_id",
        "video_token_id, -1, video_token_id",
        "vision_config, '{\"out_hidden_size\": 2048}', vision_config.out_hidden_size",
        "vocab_size, '\"many\"', vocab_size",
    })
    void refusesByName(String key, String value, String named) throws IOException {
        ObjectNode config = json(PUBLISHED).put("max_window_layers", 20);
        config.set(key, JSON.readTree(value));
        PlumblineException failure =
                catchThrowableOfType(
                        PlumblineException.class, () -> Qwen25Vl.read(config, PROCESSOR));
        assertThat(failure.reason()).isEqualTo("MODEL_UNSUPPORTED");
        assertThat(failure).hasMessageContaining("config.json").hasMessageContaining(named);
    }

    @Test
    void refusesAProcessorThatCutsOtherwise() {
        ObjectNode config = json(PUBLISHED);
        ((ObjectNode) config.get("vision_config")).put("patch_size", 16);
        assertThat(
                        catchThrowableOfType(
                                PlumblineException.class, () -> Qwen25Vl.read(config, PROCESSOR)))
                .hasMessageContaining("16");
    }

    private static LlamaConfig text(ObjectNode config) {
        return QwenTextConfig.read(QwenTextConfig.fields(new ConfigReader(config)));
    }

    private static ObjectNode json(String text) {
        try {
            return (ObjectNode) JSON.readTree(text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
