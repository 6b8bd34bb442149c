package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.checkpoint.Tokenizer;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.ImageDecoder;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.RuntimeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Tiny CLIP checkpoints against transformers (resources/clip). */
class ClipParityTest {
    static final List<String> CASES =
            List.of("old-f32", "old-f16-extra", "new-bf16-sharded", "new-f32-ends-first");

    private static final Path FOLDER = Path.of("src/test/resources/clip");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir static Path cache;

    private static Runtime runtime;

    @BeforeAll
    static void open() {
        Path natives = Path.of("target", "onnxruntime");
        runtime = Runtime.open(new RuntimeOptions(2, Optional.empty(), natives));
    }

    @AfterAll
    static void close() {
        runtime.close();
        assertThat(runtime.liveHandles()).isZero();
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void tokensAreTransformers(String name) throws IOException {
        JsonNode golden = golden(name);
        ClipConfig config = ClipConfig.read(JSON.readTree(model(name, "config.json").toFile()));
        try (Tokenizer tokenizer = Tokenizer.read(model(name, ""))) {
            for (int i = 0; i < golden.get("texts").size(); i++) {
                String text = golden.get("texts").get(i).asText();
                ClipTokens tokens = ClipTokens.of(text, tokenizer, config.text());
                assertThat(tokens.ids())
                        .as(text)
                        .isEqualTo(JSON.treeToValue(golden.get("input_ids").get(i), int[].class));
            }
        }
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void embeddingsAreTransformers(String name) throws IOException {
        JsonNode golden = golden(name);
        try (ClipModel clip = load(model(name, ""))) {
            assertThat(clip.dimension()).isEqualTo(golden.get("dimension").asInt());
            assertThat(clip.contextLength()).isEqualTo(golden.get("context_length").asInt());
            ClipGolden.assertClose(
                    clip.images(pictures(golden), Cancellation.none()),
                    golden.get("image_embeddings"));
            ClipGolden.assertClose(
                    clip.texts(texts(golden), Cancellation.none()), golden.get("text_embeddings"));
        }
    }

    /** More than go through a tower together, in both orders, and one by one. */
    @Test
    void theCompanyInARunChangesNothing() throws IOException {
        JsonNode golden = golden("new-bf16-sharded");
        try (ClipModel clip = load(model("new-bf16-sharded", ""))) {
            List<Picture> one = pictures(golden);
            float[][] alone = new float[one.size()][];
            for (int i = 0; i < alone.length; i++) {
                alone[i] = clip.images(List.of(one.get(i)), Cancellation.none())[0];
            }
            List<Picture> many = new ArrayList<>();
            while (many.size() <= clip.picturesPerRun()) {
                many.addAll(one);
            }
            float[][] rows = clip.images(many, Cancellation.none());
            Collections.reverse(many);
            float[][] reversed = clip.images(many, Cancellation.none());
            for (int i = 0; i < rows.length; i++) {
                assertThat(rows[i]).isEqualTo(alone[i % alone.length]);
                assertThat(reversed[rows.length - 1 - i]).isEqualTo(rows[i]);
            }
            List<String> texts = texts(golden);
            float[][] together = clip.texts(texts, Cancellation.none());
            for (int i = 0; i < together.length; i++) {
                assertThat(clip.texts(List.of(texts.get(i)), Cancellation.none())[0])
                        .isEqualTo(together[i]);
            }
        }
    }

    @Test
    void nothingIsEmbeddedAfterACancel() throws IOException {
        JsonNode golden = golden("old-f32");
        var cancellation = new Cancellation();
        cancellation.cancel();
        try (ClipModel clip = load(model("old-f32", ""))) {
            assertThat(clip.images(List.of(), cancellation)).isEmpty();
            assertReason("CANCELLED", () -> clip.images(pictures(golden), cancellation));
            assertReason("CANCELLED", () -> clip.texts(texts(golden), cancellation));
        }
    }

    @Test
    void wrongFoldersAreNamedWithFileAndField(@TempDir Path folder) throws IOException {
        Path broken = copy("new-f32-ends-first", folder.resolve("broken"));
        edit(broken, config -> ((ObjectNode) config.get("text_config")).put("hidden_act", "tanh"));
        assertThatThrownBy(() -> load(broken))
                .hasMessageContaining("config.json: text_config.hidden_act is tanh");
        edit(
                broken,
                config -> {
                    ((ObjectNode) config.get("text_config")).put("hidden_act", "quick_gelu");
                    config.put("projection_dim", 9);
                });
        assertThatThrownBy(() -> load(broken))
                .hasMessageContaining("projection.weight")
                .hasMessageContaining("[8, ")
                .hasMessageContaining("[9, ");
        edit(
                broken,
                config -> {
                    config.put("projection_dim", 8);
                    ((ObjectNode) config.get("vision_config")).put("num_hidden_layers", 2);
                });
        assertReason("TENSOR_MISSING", () -> load(broken));
        edit(broken, config -> config.put("model_type", "siglip"));
        assertThatThrownBy(() -> load(broken)).hasMessageContaining("model_type is 'siglip'");
        Path mute = copy("new-f32-ends-first", folder.resolve("mute"));
        Files.delete(mute.resolve("tokenizer.json"));
        assertReason("TOKENIZER_MISSING", () -> load(mute));
        Path blind = copy("new-f32-ends-first", folder.resolve("blind"));
        Files.delete(blind.resolve("processor_config.json"));
        assertReason("IMAGE_PROCESSOR_MISSING", () -> load(blind));
    }

    private static void edit(Path folder, Consumer<ObjectNode> change) throws IOException {
        Path file = folder.resolve("config.json");
        ObjectNode config = (ObjectNode) JSON.readTree(file.toFile());
        change.accept(config);
        JSON.writeValue(file.toFile(), config);
    }

    private static void assertReason(String reason, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        PlumblineException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(reason));
    }

    private static Path copy(String name, Path target) throws IOException {
        Files.createDirectories(target);
        try (Stream<Path> files = Files.list(model(name, ""))) {
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve(file.getFileName()));
            }
        }
        return target;
    }

    private static ClipModel load(Path folder) {
        return ClipModel.load(folder, cache, runtime);
    }

    private static Path model(String name, String file) {
        return FOLDER.resolve(name).resolve("model").resolve(file);
    }

    private static JsonNode golden(String name) throws IOException {
        return JSON.readTree(FOLDER.resolve(name).resolve("golden.json").toFile());
    }

    private static List<Picture> pictures(JsonNode golden) {
        List<Picture> pictures = new ArrayList<>();
        for (JsonNode name : golden.get("images")) {
            Path file = FOLDER.resolve("images").resolve(name.asText());
            try {
                pictures.add(ImageDecoder.decode(Files.readAllBytes(file), name.asText()));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
        return pictures;
    }

    private static List<String> texts(JsonNode golden) {
        List<String> texts = new ArrayList<>();
        golden.get("texts").forEach(text -> texts.add(text.asText()));
        return texts;
    }
}
