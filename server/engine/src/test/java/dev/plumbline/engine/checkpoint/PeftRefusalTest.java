package dev.plumbline.engine.checkpoint;

import static dev.plumbline.engine.checkpoint.Fixtures.failure;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeftRefusalTest {
    private static final String MODULE =
            "base_model.model.model.language_model.layers.0.mlp.up_proj";
    private static final String A = MODULE + ".lora_A.weight";
    private static final String B = MODULE + ".lora_B.weight";

    @TempDir Path folder;
    private final Map<String, Tensor> tensors = new TreeMap<>();
    private ObjectNode config = Json.MAPPER.createObjectNode();

    @BeforeEach
    void soundAdapter() throws IOException {
        config = (ObjectNode) Json.readObject(Fixtures.DEMO.resolve("adapter/adapter_config.json"));
        config.put("r", 2);
        tensors.put(A, Tensor.of(Shape.of(2, 3), 1f, 2, 3, 4, 5, 6));
        tensors.put(B, Tensor.of(Shape.of(4, 2), 1f, 2, 3, 4, 5, 6, 7, 8));
    }

    @Test
    void readsTheSoundAdapterThatTheseTestsDamage() throws IOException {
        assertThat(read().modules()).containsOnlyKeys("language_model.model.layers.0.mlp.up_proj");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    peft_type               | "LOHA"
                    peft_type               | null
                    bias                    | "all"
                    use_dora                | true
                    use_qalora              | true
                    lora_bias               | true
                    modules_to_save         | ["lm_head"]
                    trainable_token_indices | [1]
                    target_parameters       | ["experts"]
                    layer_replication       | [[0, 2]]
                    alora_invocation_tokens | [7]
                    use_bdlora              | {"nblocks": 2}
                    arrow_config            | {"top_k": 1}
                    kasa_config             | {"beta": 1}
                    monteclora_config       | {"samples": 1}
                    init_lora_weights       | "pissa_niter_4"
                    init_lora_weights       | "olora"
                    invented_later          | true
                    """)
    void refusesByNameWhatChangesTheComputation(String feature, String value) throws IOException {
        config.set(feature, Json.MAPPER.readTree(value));
        PlumblineException e = failure(this::read);
        assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION);
        assertThat(e.reason()).isEqualTo("ADAPTER_UNSUPPORTED");
        assertThat(e.metadata()).containsEntry("feature", feature);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    task_type         | "CAUSAL_LM"
                    lora_dropout      | 0.1
                    fan_in_fan_out    | true
                    init_lora_weights | "gaussian"
                    loftq_config      | {"bits": 4}
                    megatron_config   | {"a": 1}
                    qalora_group_size | 32
                    invented_later    | 3
                    invented_later    | null
                    exclude_modules   | ["vision_tower"]
                    target_modules    | "all-linear"
                    target_modules    | ["up_proj"]
                    target_modules    | null
                    """)
    void acceptsWhatDoesNot(String feature, String value) throws IOException {
        config.set(feature, Json.MAPPER.readTree(value));
        assertThat(read().modules()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    r              | 0
                    r              | -2
                    r              | "2"
                    r              | 2.5
                    lora_alpha     | NaN
                    lora_alpha     | "x"
                    lora_dropout   | 1.0
                    lora_dropout   | -Infinity
                    rank_pattern   | {"up_proj": 0}
                    rank_pattern   | {"(": 1}
                    alpha_pattern  | {"up_proj": null}
                    target_modules | "*"
                    """)
    void refusesSettingsThatCannotBe(String setting, String value) throws IOException {
        config.set(setting, Json.MAPPER.readTree(value));
        PlumblineException e = failure(this::read);
        assertThat(e.reason()).isEqualTo("ADAPTER_CONFIG_INVALID");
        assertThat(e.metadata().get("file")).endsWith("adapter_config.json");
    }

    @Test
    void givesUpOnAnExpressionThatWouldTakeForEver() throws IOException {
        config.put("target_modules", "(([a-z_.]|[a-z0-9_.])+)+!");
        long start = System.nanoTime();
        assertThat(failure(this::read).reason()).isEqualTo("ADAPTER_CONFIG_INVALID");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void refusesHalfAPair() throws IOException {
        tensors.remove(B);
        refused("ADAPTER_TENSOR_MISSING", A);
        tensors.remove(A);
        tensors.put(B, Tensor.of(Shape.of(4, 2), new float[8]));
        refused("ADAPTER_TENSOR_MISSING", B);
    }

    @Test
    void refusesAnotherRankThanConfigured() throws IOException {
        tensors.put(A, Tensor.of(Shape.of(3, 3), new float[9]));
        refused("ADAPTER_SHAPE_MISMATCH", A);
        tensors.put(A, Tensor.of(Shape.of(2, 3), new float[6]));
        tensors.put(B, Tensor.of(Shape.of(2, 4), new float[8]));
        refused("ADAPTER_SHAPE_MISMATCH", B);
        tensors.put(B, Tensor.of(Shape.of(8), new float[8]));
        refused("ADAPTER_SHAPE_MISMATCH", B);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void refusesWhatIsNotFinite(float value) throws IOException {
        tensors.put(B, Tensor.of(Shape.of(4, 2), 0f, 0, 0, 0, 0, 0, 0, value));
        refused("ADAPTER_NOT_FINITE", B);
    }

    @Test
    void refusesTensorsOfOtherTypes() throws IOException {
        tensors.put(A, Tensor.of(Shape.of(2, 3), 1L, 2L, 3L, 4L, 5L, 6L));
        refused("TENSOR_TYPE_UNSUPPORTED", A);
    }

    @Test
    void refusesTensorsThatHaveNoPlace() throws IOException {
        for (String key :
                new String[] {
                    MODULE + ".lora_magnitude_vector.weight",
                    MODULE + ".lora_embedding_A",
                    "model.layers.0.weight",
                    "base_model.model.model.language_model.layers.0.mlp.other.lora_A.weight",
                    "base_model.model.language_model.model.layers.0.mlp.up_proj.lora_A.weight",
                }) {
            tensors.put(key, Tensor.of(Shape.of(2, 3), new float[6]));
            assertThat(failure(this::read).reason()).as(key).isEqualTo("ADAPTER_TENSOR_UNEXPECTED");
            tensors.remove(key);
        }
    }

    @Test
    void refusesMixedNames() throws IOException {
        String old = "base_model.model.language_model.model.layers.1.mlp.up_proj.lora_";
        tensors.put(old + "A.weight", Tensor.of(Shape.of(2, 3), new float[6]));
        tensors.put(old + "B.weight", Tensor.of(Shape.of(4, 2), new float[8]));
        assertThat(failure(this::read)).hasMessageContaining("mix the names");
    }

    @Test
    void readsHalfPrecisionAndTheKeysOfVeryOldVersions() throws IOException {
        tensors.clear();
        Tensor a = Tensor.zeros(DType.BF16, Shape.of(2, 3));
        a.copyFrom(new float[] {1, 2, 3, 4, 5, 6});
        String old = "base_model.model.language_model.model.layers.0.mlp.up_proj.lora_";
        tensors.put(old + "A.default.weight", a);
        tensors.put(old + "B.default.weight", Tensor.of(Shape.of(4, 2), new float[8]));
        PeftAdapter adapter = read();
        assertThat(adapter.naming()).isEqualTo(AdapterNaming.TRANSFORMERS_4);
        adapter.modules()
                .forEach((module, pair) -> {
                    assertThat(module).isEqualTo("language_model.model.layers.0.mlp.up_proj");
                    assertThat(pair.a().dtype()).isEqualTo(DType.F32);
                    assertThat(pair.a().toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
                });
    }

    @Test
    void refusesFoldersThatHoldNoAdapter() throws IOException {
        Path nowhere = folder.resolve("nowhere");
        PlumblineException missing = failure(() -> PeftAdapter.read(nowhere));
        assertThat(missing.code()).isEqualTo(ErrorCode.NOT_FOUND);
        assertThat(missing.reason()).isEqualTo("ADAPTER_NOT_FOUND");
        assertThat(missing.metadata()).containsEntry("path", nowhere.toString());

        read();
        Files.delete(folder.resolve("adapter_model.safetensors"));
        assertThat(failure(() -> PeftAdapter.read(folder)).reason()).isEqualTo("ADAPTER_NOT_FOUND");
        Files.writeString(folder.resolve("adapter_model.bin"), "pickle");
        assertThat(failure(() -> PeftAdapter.read(folder)).reason())
                .isEqualTo("WEIGHTS_NOT_SAFETENSORS");
    }

    @Test
    void refusesAFileWithoutTensorsOrThatIsDamaged() throws IOException {
        tensors.clear();
        assertThat(failure(this::read).reason()).isEqualTo("ADAPTER_CONFIG_INVALID");
        Files.writeString(folder.resolve("adapter_model.safetensors"), "nonsense, but longer");
        assertThat(failure(() -> PeftAdapter.read(folder)).code()).isEqualTo(ErrorCode.DATA_LOSS);
    }

    private void refused(String reason, String tensor) throws IOException {
        PlumblineException e = failure(this::read);
        assertThat(e.reason()).isEqualTo(reason);
        assertThat(e.metadata())
                .containsEntry("tensor", tensor)
                .containsEntry("file", folder.resolve("adapter_model.safetensors").toString());
        assertThat(e).hasMessageContaining(tensor);
    }

    private PeftAdapter read() throws IOException {
        Files.writeString(folder.resolve("adapter_config.json"), config.toString());
        SafetensorsWriter.write(
                folder.resolve("adapter_model.safetensors"), tensors, Map.of("format", "pt"));
        return PeftAdapter.read(folder);
    }
}
