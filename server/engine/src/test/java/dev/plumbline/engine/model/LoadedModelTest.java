package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints that cannot be served are named, and leave nothing behind. */
class LoadedModelTest {
    private static final Path GOOD = Path.of("src/test/resources/llava/grouped-tied-f32/model");

    @TempDir Path folder;
    @TempDir Path cache;

    private final TestRuntime runtime = new TestRuntime();
    private long before;

    @BeforeEach
    void copyModel() throws IOException {
        before = runtime.runtime().liveHandles();
        try (Stream<Path> files = Files.list(GOOD)) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
    }

    @AfterEach
    void close() {
        runtime.close();
    }

    private void replace(String file, String old, String other) throws IOException {
        String text = Files.readString(folder.resolve(file));
        assertThat(text).contains(old);
        Files.writeString(folder.resolve(file), text.replace(old, other));
    }

    private void refused(String... said) {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> LoadedModel.load(folder, cache, runtime.runtime()))
                .withMessageContainingAll(said);
        assertThat(runtime.runtime().liveHandles()).isEqualTo(before);
    }

    @Test
    void theModelSaysWhatItIs() {
        try (LoadedModel model = LoadedModel.load(folder, cache, runtime.runtime())) {
            assertThat(model.family()).isEqualTo("llava");
            assertThat(model.imageTokens()).isEqualTo(4);
            assertThat(model.contextLength()).isEqualTo(256);
            assertThat(model.linearModules()).hasSize(14);
            assertThat(LoadedModel.digest(folder, cache, LoadOptions.DEFAULT))
                    .isEqualTo(model.digest());
        }
    }

    @Test
    void anUnknownFamily() throws IOException {
        replace("config.json", "\"model_type\": \"llava\"", "\"model_type\": \"lava\"");
        refused("model_type", "'lava'", "supported: llava");
    }

    @Test
    void unknownActivationsAndStrategies() throws IOException {
        replace("config.json", "\"gelu\"", "\"swoosh\"");
        refused("projector_hidden_act", "swoosh");
    }

    @Test
    void aMissingTensor() throws IOException {
        replace("config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3");
        refused("language_model.model.layers.2.");
    }

    @Test
    void withoutASideThatIsNeeded() throws IOException {
        Files.delete(folder.resolve("preprocessor_config.json"));
        refused("preprocessor_config.json");
    }

    @Test
    void picturesOfAnotherSize() throws IOException {
        String text = Files.readString(folder.resolve("preprocessor_config.json"));
        assertThat(text).contains("28");
        Files.writeString(folder.resolve("preprocessor_config.json"), text.replace("28", "42"));
        refused("42 x 42", "28 x 28");
    }

    @Test
    void withoutATokenizer() throws IOException {
        for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.deleteIfExists(folder.resolve(file));
        }
        refused("tokenizer.json");
    }
}
