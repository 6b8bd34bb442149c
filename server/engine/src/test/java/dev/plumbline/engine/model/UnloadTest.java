package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.checkpoint.SafetensorsWriter;
import dev.plumbline.engine.generate.Generator;
import dev.plumbline.engine.generate.SamplingOptions;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.RuntimeOptions;
import dev.plumbline.engine.score.Scorer;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Precision;
import dev.plumbline.engine.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What is left in memory when a model was unloaded, in a process of its own whose Java heap does
 * not change in size.
 */
class UnloadTest {
    private static final Path SMALL =
            Path.of("src/test/resources/llava/grouped-untied-f16-crossing/model");
    private static final int TIMES = 6;

    /** Of what the process itself takes more and more, such as compiled code. */
    private static final long NOISE = 8L << 20;

    @TempDir Path folder;

    /** The model has 85 million weights: 340 MB in fp32, 53 MB in four bits. */
    @ParameterizedTest
    @EnumSource(names = {"FP32", "INT4"})
    void givesTheMemoryBack(Precision precision) throws Exception {
        Path model = model();
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xms128m",
                                "-Xmx128m",
                                "-XX:+UseSerialGC",
                                "-XX:+AlwaysPreTouch",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                UnloadTest.class.getName(),
                                model.toString(),
                                folder.resolve("cache").toString(),
                                precision.name())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        List<Long> resident = new ArrayList<>();
        try (var out = process.inputReader(StandardCharsets.UTF_8)) {
            out.lines().forEach(line -> resident.add(Long.parseLong(line)));
        }
        assertThat(process.waitFor()).isZero();
        assertThat(resident).hasSize(2 * TIMES);
        long loaded = resident.get(2);
        long unloaded = resident.get(3);
        assertThat(loaded - unloaded).as("%s", resident).isGreaterThan(NOISE);
        assertThat(resident.getLast() - unloaded).as("%s", resident).isLessThan(NOISE);
    }

    /** The process: loads, asks and unloads, and says each time what is resident. */
    public static void main(String[] arguments) throws IOException {
        Path model = Path.of(arguments[0]);
        Path cache = Path.of(arguments[1]);
        LoadOptions options = LoadOptions.of(Precision.valueOf(arguments[2]));
        Path natives = Path.of("target", "onnxruntime");
        try (Runtime runtime = Runtime.open(new RuntimeOptions(2, Optional.empty(), natives))) {
            for (int i = 0; i < TIMES; i++) {
                try (LoadedModel loaded = LoadedModel.load(model, cache, runtime, options)) {
                    ask(loaded);
                    System.out.println(resident());
                }
                System.out.println(resident());
            }
        }
    }

    private static void ask(LoadedModel model) {
        new Scorer(model)
                .score(
                        "What is there?",
                        "A dog.",
                        List.of(),
                        Optional.empty(),
                        Cancellation.none());
        new Generator(model)
                .generate(
                        List.of(ChatMessage.user(List.of(), "What is there?")),
                        Optional.empty(),
                        SamplingOptions.greedy(4),
                        Cancellation.none(),
                        piece -> {});
    }

    private static long resident() throws IOException {
        System.gc();
        try {
            Thread.sleep(300); // Cleaners run a little later than the collector.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("RssAnon") || line.startsWith("RssFile"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                    .sum();
        }
    }

    /** The small model with larger layers. */
    private Path model() throws IOException {
        Path model = Files.createDirectories(folder.resolve("model"));
        try (Stream<Path> files = Files.list(SMALL)) {
            for (Path file : files.filter(f -> !f.toString().contains("safetensors")).toList()) {
                Files.copy(file, model.resolve(file.getFileName()));
            }
        }
        ObjectMapper json = new ObjectMapper();
        Path file = model.resolve("config.json");
        ObjectNode config = (ObjectNode) json.readTree(file.toFile());
        ((ObjectNode) config.get("text_config"))
                .put("hidden_size", 768)
                .put("intermediate_size", 2048)
                .put("num_hidden_layers", 12)
                .put("num_attention_heads", 12)
                .put("num_key_value_heads", 12)
                .remove("head_dim");
        json.writeValue(file.toFile(), config);
        Map<String, Tensor> tensors = new HashMap<>();
        Llava.read(config, true)
                .tensors()
                .forEach((name, shape) -> {
                    Tensor tensor = Tensor.zeros(DType.BF16, shape);
                    for (long i = 0; i < shape.elements(); i += 7) {
                        tensor.setFloat(i, (i % 64 - 31.5f) / 1024);
                    }
                    tensors.put(name, tensor);
                });
        SafetensorsWriter.write(model.resolve("model.safetensors"), tensors, Map.of());
        return model;
    }
}
