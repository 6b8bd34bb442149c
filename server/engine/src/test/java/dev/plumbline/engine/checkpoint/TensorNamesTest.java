package dev.plumbline.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TensorNamesTest {
    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    language_model.lm_head.weight, lm_head.weight
                    lm_head.weight, lm_head.weight
                    language_model.model.layers.3.mlp.up_proj.weight, language_model.model.layers.3.mlp.up_proj.weight
                    model.language_model.layers.3.mlp.up_proj.weight, language_model.model.layers.3.mlp.up_proj.weight
                    model.language_model.embed_tokens.weight, language_model.model.embed_tokens.weight
                    model.language_model.norm.weight, language_model.model.norm.weight
                    vision_tower.vision_model.pre_layrnorm.bias, vision_tower.vision_model.pre_layrnorm.bias
                    vision_tower.pre_layrnorm.bias, vision_tower.vision_model.pre_layrnorm.bias
                    model.vision_tower.vision_model.pre_layrnorm.bias, vision_tower.vision_model.pre_layrnorm.bias
                    model.vision_tower.pre_layrnorm.bias, vision_tower.vision_model.pre_layrnorm.bias
                    model.multi_modal_projector.linear_1.bias, multi_modal_projector.linear_1.bias
                    model.layers.0.mlp.up_proj.weight, language_model.model.layers.0.mlp.up_proj.weight
                    model.embed_tokens.weight, language_model.model.embed_tokens.weight
                    model.norm.weight, language_model.model.norm.weight
                    visual.blocks.3.attn.qkv.bias, visual.blocks.3.attn.qkv.bias
                    model.visual.blocks.3.attn.qkv.bias, visual.blocks.3.attn.qkv.bias
                    model.mm_projector.0.weight, model.mm_projector.0.weight
                    vision_model.post_layernorm.weight, vision_model.post_layernorm.weight
                    """)
    void mapsEveryGeneration(String name, String canonical) {
        assertThat(TensorNames.canonical(name)).isEqualTo(canonical);
        assertThat(TensorNames.canonical(canonical)).isEqualTo(canonical);
    }

    /** One model of transformers 5, as it is saved and as its modules are called. */
    @Test
    void mapsBothNamingsOfAModelToTheSame() {
        JsonNode names = Json.readObject(Fixtures.resource("names.json"));
        TreeSet<String> saved = new TreeSet<>();
        names.path("saved").forEach(name -> saved.add(TensorNames.canonical(name.asText())));
        TreeSet<String> inMemory = new TreeSet<>();
        names.path("in_memory").forEach(name -> inMemory.add(TensorNames.canonical(name.asText())));
        assertThat(saved).isEqualTo(inMemory).hasSize(names.path("saved").size());
    }
}
