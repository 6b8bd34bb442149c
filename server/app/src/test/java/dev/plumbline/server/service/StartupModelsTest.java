package dev.plumbline.server.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.server.TestApi;
import dev.plumbline.server.config.Folders;
import dev.plumbline.server.config.PlumblineConfig.StartModel;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The models that a server is started with. */
@QuarkusTest
class StartupModelsTest {
    @Inject Folders folders;
    @Inject EngineRuntime engine;
    @Inject ServingSettings serving;
    @Inject ReferenceCaches references;

    private final List<Integer> exits = new ArrayList<>();
    private ModelRegistry models;

    @BeforeEach
    void empty() {
        models = new ModelRegistry(folders, engine, serving, references);
    }

    @Test
    void listingWaitsForThem() throws InterruptedException {
        Path llava = TestApi.demo().resolve("llava");
        var list = CompletableFuture.supplyAsync(() -> models.list(new PageRequest(0, "")));
        var get = CompletableFuture.supplyAsync(() -> models.get("models/b"));
        Thread.sleep(100);
        assertThat(list).isNotDone();
        assertThat(models.isStartedUp()).isFalse();
        startup(Map.of("a", llava, "b", llava)).loadAll();
        assertThat(list.join().items())
                .extracting(Hosted::name)
                .containsExactly("models/a", "models/b");
        assertThat(modelOf(get.join())).isSameAs(modelOf(models.get("models/a")));
        assertThat(models.isStartedUp()).isTrue();
        assertThat(exits).isEmpty();
        models.unload("models/a");
        models.unload("models/b");
    }

    @Test
    void oneThatCannotBeLoadedEndsTheServer() {
        startup(Map.of("a", folders.cache().resolve("nothing"))).loadAll();
        assertThat(exits).containsExactly(1);
        assertThat(models.isStartedUp()).isFalse();
        assertThatThrownBy(() -> models.list(new PageRequest(0, "")))
                .isInstanceOfSatisfying(
                        PlumblineException.class,
                        e -> assertThat(e.reason()).isEqualTo("SERVER_STOPPING"));
    }

    @Test
    void clipModelsAreLoadedAndMustBeSuch() {
        Map<String, Path> clips = Map.of("c", TestApi.demo().resolve("clip"));
        new StartupModels(Map.of(), clips, models, exits::add).loadAll();
        assertThat(models.get("models/c")).isInstanceOf(ServedClip.class);
        assertThat(exits).isEmpty();
        models.unload("models/c");
        Map<String, Path> others = Map.of("d", TestApi.demo().resolve("llava"));
        new StartupModels(Map.of(), others, models, exits::add).loadAll();
        assertThat(exits).containsExactly(1);
    }

    private static LoadedModel modelOf(Hosted hosted) {
        return ((ServedModel) hosted).model();
    }

    private StartupModels startup(Map<String, Path> wanted) {
        var starts = new HashMap<String, StartModel>();
        wanted.forEach((name, folder) -> starts.put(name, new Start(folder, "fp32", 0)));
        return new StartupModels(starts, Map.of(), models, exits::add);
    }

    private record Start(Path folder, String precision, int contextLength) implements StartModel {}
}
