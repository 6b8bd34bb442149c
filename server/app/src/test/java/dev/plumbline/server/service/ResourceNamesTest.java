package dev.plumbline.server.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.engine.error.PlumblineException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResourceNamesTest {
    @Test
    void readsNames() {
        assertThat(ResourceNames.id("models", "models/llava", "model")).isEqualTo("llava");
        assertThat(ResourceNames.id("models", "llava", "model")).isEqualTo("llava");
        for (String wrong : List.of("", " ", "models/", "runs/x", "models/a/b")) {
            assertThatThrownBy(() -> ResourceNames.id("models", wrong, "spec.model"))
                    .isInstanceOfSatisfying(
                            PlumblineException.class,
                            e -> assertThat(e.field()).contains("spec.model"));
        }
    }

    @Test
    void makesIdsOfFolders() {
        assertThat(ResourceNames.idOf(Path.of("/x/llava-1.5-7b-hf"), "model"))
                .isEqualTo("llava-1.5-7b-hf");
        assertThat(ResourceNames.idOf(Path.of("/x/My Model (2)"), "model")).isEqualTo("my-model-2");
        assertThat(ResourceNames.idOf(Path.of("/x/漢字"), "model")).isEqualTo("model");
        assertThat(ResourceNames.idOf(Path.of("/"), "model")).isEqualTo("model");
        assertThat(ResourceNames.idOf(Path.of("x".repeat(200)), "model")).hasSize(63);
    }

    @Test
    void checksIds() {
        assertThat(ResourceNames.checkedId("a.b_c-1", "model_id")).isEqualTo("a.b_c-1");
        for (String wrong : List.of("", "A", "a/b", "a b", "é", ".", "..", "-a", "x".repeat(64))) {
            assertThatThrownBy(() -> ResourceNames.checkedId(wrong, "model_id"))
                    .isInstanceOfSatisfying(
                            PlumblineException.class,
                            e -> assertThat(e.reason()).isEqualTo("RESOURCE_ID_INVALID"));
        }
    }
}
