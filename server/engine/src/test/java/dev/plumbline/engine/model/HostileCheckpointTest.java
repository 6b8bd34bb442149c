package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.checkpoint.Safetensors;
import dev.plumbline.engine.checkpoint.SafetensorsWriter;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.generate.Generator;
import dev.plumbline.engine.generate.SamplingOptions;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.RuntimeOptions;
import dev.plumbline.engine.score.Scorer;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Damaged copies of a sound checkpoint: each is refused by reason and name, and leaves nothing. */
class HostileCheckpointTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path SOUND = Golden.read("full-untied-f32-old").model();
    private static final String NORM = "language_model.model.norm.weight";

    private static Runtime runtime;

    @TempDir Path work;
    private Path folder;
    private long handles;

    @BeforeAll
    static void open() {
        Path natives = Path.of("target", "onnxruntime");
        runtime = Runtime.open(new RuntimeOptions(2, Optional.empty(), natives));
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    @BeforeEach
    void copy() throws IOException {
        folder = Files.createDirectory(work.resolve("model"));
        try (Stream<Path> files = Files.list(SOUND)) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        handles = runtime.liveHandles();
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(runtime.liveHandles()).isEqualTo(handles);
    }

    @Test
    void theCopyIsSound() {
        try (LoadedModel model = LoadedModel.load(folder, work, runtime)) {
            assertThat(model.family()).isEqualTo("llava");
        }
    }

    @Test
    void aMissingTensor() throws IOException {
        Map<String, Tensor> tensors = tensors();
        tensors.remove(NORM);
        write(tensors);
        assertThat(refusal("TENSOR_MISSING")).hasMessageContaining("model.norm.weight");
    }

    @Test
    void anExtraTensor() throws IOException {
        Map<String, Tensor> tensors = tensors();
        String extra = "language_model.model.layers.0.self_attn.q_norm.weight";
        tensors.put(extra, Tensor.of(Shape.of(4), 1, 2, 3, 4f));
        write(tensors);
        assertThat(refusal("TENSOR_UNEXPECTED")).hasMessageContaining("q_norm.weight");
    }

    @Test
    void aMisshapenTensor() throws IOException {
        Map<String, Tensor> tensors = tensors();
        tensors.put(NORM, Tensor.of(Shape.of(3), 1, 2, 3f));
        write(tensors);
        assertThat(refusal("TENSOR_SHAPE_MISMATCH"))
                .hasMessageContaining("model.norm.weight")
                .hasMessageContaining("[3]");
    }

    @ParameterizedTest
    @CsvSource({
        "model_type, '\"mamba\"', MODEL_UNSUPPORTED",
        "text_config.model_type, '\"mistral\"', MODEL_UNSUPPORTED",
        "vision_config.model_type, '\"siglip_vision_model\"', MODEL_UNSUPPORTED",
        "text_config.rope_scaling, '{\"rope_type\": \"yarn\", \"factor\": 2}', MODEL_UNSUPPORTED",
        "text_config.rope_scaling, '{\"rope_type\": \"linear\", \"factor\": 0}', MODEL_UNSUPPORTED",
        "text_config.hidden_act, '\"swish_glu\"', MODEL_UNSUPPORTED",
        "text_config.hidden_size, '\"large\"', MODEL_UNSUPPORTED",
        "text_config.hidden_size, -48, MODEL_UNSUPPORTED",
        "text_config.hidden_size, 64, TENSOR_SHAPE_MISMATCH",
        "text_config.num_key_value_heads, 3, MODEL_UNSUPPORTED",
        "text_config.num_attention_heads, 1000, MODEL_UNSUPPORTED",
        "text_config.head_dim, 7, TENSOR_SHAPE_MISMATCH",
        "text_config.num_hidden_layers, 1, TENSOR_UNEXPECTED",
        "text_config.num_hidden_layers, 99, TENSOR_MISSING",
        "text_config.vocab_size, 480, TENSOR_SHAPE_MISMATCH",
        "vision_config.image_size, 28, TENSOR_SHAPE_MISMATCH",
        "vision_config.patch_size, 1000, TENSOR_SHAPE_MISMATCH",
        "vision_config.num_attention_heads, 5, MODEL_UNSUPPORTED",
        "vision_feature_layer, -9, MODEL_UNSUPPORTED",
        "vision_feature_layer, '[]', MODEL_UNSUPPORTED",
        "vision_feature_select_strategy, '\"cls\"', MODEL_UNSUPPORTED",
        "projector_hidden_act, '\"tanh\"', MODEL_UNSUPPORTED",
        "image_token_index, 999999, MODEL_UNSUPPORTED",
    })
    void aConfigurationThatCannotBe(String key, String value, String reason) throws IOException {
        ObjectNode config = (ObjectNode) JSON.readTree(folder.resolve("config.json").toFile());
        ObjectNode parent = config;
        String name = key;
        if (key.contains(".")) {
            parent = (ObjectNode) config.get(key.substring(0, key.indexOf('.')));
            name = key.substring(key.indexOf('.') + 1);
        }
        parent.set(name, JSON.readTree(value));
        JSON.writeValue(folder.resolve("config.json").toFile(), config);
        PlumblineException failure = refusal(reason);
        if (reason.equals("MODEL_UNSUPPORTED")) {
            assertThat(failure).hasMessageContaining(name.equals("rope_scaling") ? "rope" : name);
        }
    }

    @Test
    void pixelsOfAnotherSizeThanTheTowers() throws IOException {
        for (String file : new String[] {"preprocessor_config.json", "processor_config.json"}) {
            Path path = folder.resolve(file);
            String text = Files.readString(path);
            Files.writeString(path, text.replaceAll("(\"(height|width)\": )42", "$1" + 28));
        }
        assertThat(refusal("MODEL_UNSUPPORTED")).hasMessageContaining("28 x 28");
    }

    @Test
    void aDeviationOfZero() throws IOException {
        for (String file : new String[] {"preprocessor_config.json", "processor_config.json"}) {
            Path path = folder.resolve(file);
            String text = Files.readString(path);
            Files.writeString(
                    path, text.replaceAll("\"image_std\": \\[[^]]*]", "\"image_std\": [1, 0, 1]"));
        }
        assertThat(refusal("IMAGE_PROCESSOR_INVALID")).hasMessageContaining("image_std");
    }

    @Test
    void ropeScalingBesideRopeParametersHolds() throws IOException {
        Path file = folder.resolve("config.json");
        ObjectNode config = (ObjectNode) JSON.readTree(file.toFile());
        ObjectNode text = (ObjectNode) config.get("text_config");
        text.set("rope_parameters", JSON.readTree("{\"rope_type\": \"default\"}"));
        text.set("rope_scaling", JSON.readTree("{\"rope_type\": \"yarn\", \"factor\": 2}"));
        JSON.writeValue(file.toFile(), config);
        assertThat(refusal("MODEL_UNSUPPORTED")).hasMessageContaining("rope_scaling.rope_type");
    }

    @Test
    void weightsOfNanGiveNoAnswer() throws IOException {
        Map<String, Tensor> tensors = tensors();
        Tensor sound = Objects.requireNonNull(tensors.get(NORM));
        Tensor damaged = Tensor.of(sound.shape(), sound.toFloats());
        damaged.setFloat(0, Float.NaN);
        tensors.put(NORM, damaged);
        write(tensors);
        try (LoadedModel model = LoadedModel.load(folder, work.resolve("cache"), runtime)) {
            List<ChatMessage> asked =
                    List.of(new ChatMessage("user", List.of(new ChatMessage.Part.Text("Hello"))));
            refusedAsNotFinite(() ->
                    new Generator(model)
                            .generate(
                                    asked,
                                    Optional.empty(),
                                    SamplingOptions.greedy(2),
                                    new Cancellation(),
                                    piece -> {}));
            refusedAsNotFinite(() ->
                    new Scorer(model)
                            .score(
                                    "Hello",
                                    "you",
                                    List.of(),
                                    Optional.empty(),
                                    new Cancellation()));
        }
    }

    private static void refusedAsNotFinite(ThrowingCallable work) {
        assertThat(catchThrowableOfType(PlumblineException.class, work).reason())
                .isEqualTo("MODEL_NOT_FINITE");
    }

    @Test
    void aTruncatedFile() throws IOException {
        Path weights = folder.resolve("model.safetensors");
        try (RandomAccessFile file = new RandomAccessFile(weights.toFile(), "rw")) {
            file.setLength(file.length() - 100);
        }
        assertThat(refusal("SAFETENSORS_INVALID")).hasMessageContaining("model.safetensors");
    }

    @Test
    void noTokenizer() throws IOException {
        Files.delete(folder.resolve("tokenizer.json"));
        assertThat(refusal("TOKENIZER_MISSING")).hasMessageContaining("tokenizer.json");
    }

    @Test
    void aTokenizerThatIsNone() throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), "{\"model\": {\"type\": \"NONE\"}}");
        assertThat(refusal("TOKENIZER_INVALID")).hasMessageContaining("tokenizer.json");
    }

    @Test
    void anAdapterOfAnotherModel() {
        Path other = Golden.FOLDER.resolve("grouped-tied-bf16-sharded-new/adapter");
        assertThat(adapterRefusal(other, "ADAPTER_MISMATCH"))
                .hasMessageContaining("language_model.model.layers.0");
    }

    @Test
    void anAdapterWithNan() throws IOException {
        Path sound = Golden.FOLDER.resolve("full-untied-f32-old/adapter");
        Path bad = Files.createDirectory(work.resolve("adapter"));
        Files.copy(sound.resolve("adapter_config.json"), bad.resolve("adapter_config.json"));
        Map<String, Tensor> tensors = tensors(sound.resolve("adapter_model.safetensors"));
        Map.Entry<String, Tensor> first = tensors.entrySet().iterator().next();
        Tensor damaged = Tensor.of(first.getValue().shape(), first.getValue().toFloats());
        damaged.setFloat(1, Float.NaN);
        tensors.put(first.getKey(), damaged);
        SafetensorsWriter.write(
                bad.resolve("adapter_model.safetensors"), tensors, Map.of("format", "pt"));
        assertThat(adapterRefusal(bad, "ADAPTER_NOT_FINITE")).hasMessageContaining(first.getKey());
    }

    /** The shapes of LLaVA-1.5, with as many layers as it takes to fill this machine. */
    @Test
    void aModelThatCannotFit() throws IOException {
        long available = LoadedModel.estimate(folder, LoadOptions.DEFAULT).availableBytes();
        long layers = Math.max(32, 2 * available / (200L << 22));
        JsonNode config =
                JSON.readTree(
                        """
                        {"model_type": "llava", "image_token_index": 32000,
                         "text_config": {"model_type": "llama", "vocab_size": 32064,
                          "max_position_embeddings": 4096, "num_hidden_layers": %d},
                         "vision_config": {"model_type": "clip_vision_model", "hidden_size": 1024,
                          "image_size": 336, "intermediate_size": 4096, "patch_size": 14,
                          "num_attention_heads": 16, "num_hidden_layers": 24}}
                        """
                                .formatted(layers));
        JSON.writeValue(folder.resolve("config.json").toFile(), config);
        ObjectNode header = JSON.createObjectNode();
        long at = 0;
        for (Map.Entry<String, Shape> tensor : Llava.read(config, true).tensors().entrySet()) {
            long end = at + 4 * tensor.getValue().elements();
            ObjectNode entry = header.putObject(stored(tensor.getKey())).put("dtype", "F32");
            tensor.getValue().sizes().forEach(entry.withArray("shape")::add);
            entry.putArray("data_offsets").add(at).add(end);
            at = end;
        }
        byte[] bytes = JSON.writeValueAsBytes(header);
        try (RandomAccessFile file =
                new RandomAccessFile(folder.resolve("model.safetensors").toFile(), "rw")) {
            file.setLength(0);
            file.writeLong(Long.reverseBytes(bytes.length));
            file.write(bytes);
            file.setLength(8 + bytes.length + at);
        }
        long start = System.nanoTime();
        PlumblineException failure = refusal("MEMORY_INSUFFICIENT");
        MemoryEstimate estimate = LoadedModel.estimate(folder, LoadOptions.DEFAULT);
        assertThat((System.nanoTime() - start) / 1e9).isLessThan(5);
        assertThat(failure.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
        assertThat(failure.metadata()).containsKeys("needed_bytes", "available_bytes");
        assertThat(failure)
                .hasMessageContaining(failure.metadata().get("needed_bytes"))
                .hasMessageContaining(failure.metadata().get("available_bytes"));
        assertThat(estimate.neededBytes()).isGreaterThan(at);
        assertThat(estimate.neededBytes()).isGreaterThan(estimate.availableBytes());
    }

    private static String stored(String canonical) {
        return canonical.startsWith("lm_head.") ? "language_model." + canonical : canonical;
    }

    private PlumblineException refusal(String reason) {
        PlumblineException failure =
                catchThrowableOfType(
                        PlumblineException.class,
                        () -> LoadedModel.load(folder, work.resolve("cache"), runtime).close());
        assertThat(failure).as("loads").isNotNull();
        assertThat(failure.reason()).as(failure.getMessage()).isEqualTo(reason);
        return failure;
    }

    private PlumblineException adapterRefusal(Path adapter, String reason) {
        try (LoadedModel model = LoadedModel.load(folder, work.resolve("cache"), runtime)) {
            PlumblineException failure =
                    catchThrowableOfType(
                            PlumblineException.class, () -> LoraAdapter.read(model, adapter));
            assertThat(failure.reason()).isEqualTo(reason);
            return failure;
        }
    }

    private Map<String, Tensor> tensors() {
        return tensors(folder.resolve("model.safetensors"));
    }

    private static Map<String, Tensor> tensors(Path file) {
        Safetensors stored = Safetensors.open(file);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        stored.names().forEach(name -> tensors.put(name, stored.tensor(name)));
        return tensors;
    }

    private void write(Map<String, Tensor> tensors) throws IOException {
        Path part = work.resolve("changed.safetensors");
        SafetensorsWriter.write(part, tensors, Map.of("format", "pt"));
        Files.move(part, folder.resolve("model.safetensors"), StandardCopyOption.REPLACE_EXISTING);
    }
}
