package dev.plumbline.engine.checkpoint;

import static dev.plumbline.engine.checkpoint.Fixtures.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeftAdapterTest {
    private static final String LAYER = "language_model.model.layers.";

    @TempDir Path folder;

    @Test
    void readsAGenuineAdapter() {
        PeftAdapter adapter = PeftAdapter.read(Fixtures.DEMO.resolve("adapter"));
        assertThat(adapter.config()).isEqualTo(new LoraConfig("../llava", 8, 16, 0, false));
        assertThat(adapter.naming()).isEqualTo(AdapterNaming.TRANSFORMERS_5);
        assertThat(adapter.modules()).hasSize(28);
        LoraPair pair = pair(adapter, LAYER + "3.mlp.down_proj");
        assertThat(pair.a().shape()).isEqualTo(Shape.of(8, 432));
        assertThat(pair.b().shape()).isEqualTo(Shape.of(160, 8));
        assertThat(pair.scaling()).isEqualTo(2);
        assertThat(adapter.targets())
                .containsExactly(
                        "down_proj",
                        "gate_proj",
                        "k_proj",
                        "o_proj",
                        "q_proj",
                        "up_proj",
                        "v_proj");
        assertThat(adapter.parameters()).isEqualTo(92_672);
    }

    /** The judge is peft, which says how it scales each module. */
    @ParameterizedTest
    @ValueSource(strings = {"adapter-plain", "adapter-patterns", "adapter-vision"})
    void scalesAsPeftDoes(String name) {
        PeftAdapter adapter = PeftAdapter.read(Fixtures.resource(name));
        JsonNode scalings = Json.readObject(Fixtures.resource(name + "/scalings.json"));
        assertThat(adapter.modules()).hasSize(scalings.size());
        scalings.properties()
                .forEach(entry -> {
                    String module = entry.getKey().substring("base_model.model.".length());
                    assertThat(pair(adapter, TensorNames.canonical(module)).scaling())
                            .as(module)
                            .isCloseTo(entry.getValue().asDouble(), within(1e-12));
                });
    }

    @ParameterizedTest
    @EnumSource(AdapterNaming.class)
    void readsWhatItWrites(AdapterNaming naming) {
        PeftAdapter original = PeftAdapter.read(Fixtures.resource("adapter-patterns"));
        PeftAdapter adapter = new PeftAdapter(original.config(), naming, original.modules());
        adapter.write(folder.resolve("new"));
        PeftAdapter read = PeftAdapter.read(folder.resolve("new"));
        assertThat(read.naming()).isEqualTo(naming);
        assertThat(read.config()).isEqualTo(adapter.config());
        assertThat(read.digest()).isEqualTo(original.digest());
        String prefix =
                switch (naming) {
                    case TRANSFORMERS_4 -> "base_model.model.language_model.model.layers.";
                    case TRANSFORMERS_5 -> "base_model.model.model.language_model.layers.";
                    case TEXT_AT_ROOT -> "base_model.model.model.layers.";
                };
        Safetensors file = Safetensors.open(folder.resolve("new/adapter_model.safetensors"));
        assertThat(file.names())
                .hasSize(12)
                .allMatch(key -> key.startsWith(prefix))
                .contains(prefix + "1.mlp.down_proj.lora_A.weight");
    }

    @Test
    void writesTensorsByteForByteAsPeft() {
        PeftAdapter.read(Fixtures.DEMO.resolve("adapter")).write(folder.resolve("copy"));
        assertThat(folder.resolve("copy/adapter_model.safetensors"))
                .hasSameBinaryContentAs(Fixtures.DEMO.resolve("adapter/adapter_model.safetensors"));
    }

    @Test
    void targetsOnlyTheLanguageModel() {
        PeftAdapter.read(Fixtures.DEMO.resolve("adapter")).write(folder.resolve("all"));
        assertThat(targetModules("all"))
                .isEqualTo(
                        ".*language_model.*\\.(down_proj|gate_proj|up_proj|k_proj|o_proj|q_proj|v_proj)");
        assertThat("model.vision_tower.encoder.layers.0.self_attn.q_proj")
                .doesNotMatch(targetModules("all"));
        assertThat("model.language_model.layers.0.self_attn.q_proj").matches(targetModules("all"));
    }

    @Test
    void targetsOnlyTheLanguageModelWhereThatIsAtTheRoot() {
        PeftAdapter demo = PeftAdapter.read(Fixtures.DEMO.resolve("adapter"));
        new PeftAdapter(demo.config(), AdapterNaming.TEXT_AT_ROOT, demo.modules())
                .write(folder.resolve("root"));
        assertThat("model.layers.0.mlp.up_proj").matches(targetModules("root"));
        assertThat("model.language_model.layers.0.mlp.up_proj").matches(targetModules("root"));
        assertThat("visual.blocks.0.mlp.up_proj").doesNotMatch(targetModules("root"));
        assertThat("model.visual.blocks.0.mlp.up_proj").doesNotMatch(targetModules("root"));
    }

    @Test
    void targetsExactlyTheModulesOfAnUnevenAdapter() {
        LoraConfig config = LoraConfig.of("base", 1, 2);
        LoraPair pair = config.pair(ones(1, 3), ones(2, 1));
        new PeftAdapter(
                        config,
                        AdapterNaming.TRANSFORMERS_5,
                        Map.of(LAYER + "1.self_attn.q_proj", pair, LAYER + "2.mlp.up_proj", pair))
                .write(folder.resolve("uneven"));
        assertThat("model.language_model.layers.1.self_attn.q_proj")
                .matches(targetModules("uneven"));
        assertThat("language_model.model.layers.2.mlp.up_proj").matches(targetModules("uneven"));
        assertThat("model.language_model.layers.2.self_attn.q_proj")
                .doesNotMatch(targetModules("uneven"));
        assertThat("model.language_model.layers.11.self_attn.q_proj")
                .doesNotMatch(targetModules("uneven"));
        assertThat(PeftAdapter.read(folder.resolve("uneven")).modules()).hasSize(2);
    }

    @Test
    void replacesAnAdapterThatIsThere() {
        LoraConfig config = LoraConfig.of("base", 1, 2);
        Path target = folder.resolve("adapter");
        for (float value : new float[] {1, 5}) {
            LoraPair pair =
                    config.pair(Tensor.of(Shape.of(1, 1), value), Tensor.of(Shape.of(1, 1), value));
            PeftAdapter adapter =
                    new PeftAdapter(
                            config,
                            AdapterNaming.TRANSFORMERS_5,
                            Map.of(LAYER + "0.self_attn.q_proj", pair));
            adapter.write(target);
            assertThat(PeftAdapter.read(target).digest()).isEqualTo(adapter.digest());
        }
        assertThat(target).isDirectoryContaining(f -> f.endsWith("adapter_config.json"));
        assertThat(folder.toFile().list()).containsExactly("adapter");
        assertThat(target.toFile().list()).hasSize(2);
    }

    @Test
    void namesTheFolderThatCannotBeWritten() {
        Path demo = Fixtures.DEMO.resolve("adapter");
        Path inside = demo.resolve("adapter_config.json/inside");
        assertThat(failure(() -> PeftAdapter.read(demo).write(inside)))
                .hasMessageContaining(inside.getFileName().toString())
                .satisfies(e -> assertThat(e.reason()).isEqualTo("FILE_UNWRITABLE"));
    }

    @Test
    void digestsNumbersAndScaling() {
        PeftAdapter adapter = PeftAdapter.read(Fixtures.resource("adapter-plain"));
        String digest = adapter.digest();
        assertThat(digest).matches("[0-9a-f]{64}");
        Map<String, LoraPair> doubled = new TreeMap<>(adapter.modules());
        doubled.replaceAll((name, p) -> new LoraPair(p.a(), p.b(), p.alpha() * 2, false));
        assertThat(new PeftAdapter(adapter.config(), adapter.naming(), doubled).digest())
                .isNotEqualTo(digest);
        pair(adapter, LAYER + "0.self_attn.q_proj").b().setFloat(3, 0.25f);
        assertThat(adapter.digest()).isNotEqualTo(digest);
    }

    private String targetModules(String name) {
        return Json.readObject(folder.resolve(name + "/adapter_config.json"))
                .path("target_modules")
                .asText();
    }

    private static LoraPair pair(PeftAdapter adapter, String module) {
        LoraPair pair = adapter.modules().get(module);
        if (pair == null) {
            throw new AssertionError("no module " + module + " in " + adapter.modules().keySet());
        }
        return pair;
    }

    private static Tensor ones(long rows, long columns) {
        float[] values = new float[(int) (rows * columns)];
        Arrays.fill(values, 1);
        return Tensor.of(Shape.of(rows, columns), values);
    }
}
