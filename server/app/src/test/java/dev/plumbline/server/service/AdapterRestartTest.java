package dev.plumbline.server.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoadOptions;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.server.TestApi;
import dev.plumbline.server.config.PlumblineConfig;
import dev.plumbline.server.store.AdapterRecord;
import dev.plumbline.server.store.AdapterStore;
import dev.plumbline.server.store.RunStore;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters of a home whose server is another one now. */
@QuarkusTest
class AdapterRestartTest {
    private static final Path CURE = TestApi.demo().resolve("adapter");

    @Inject ModelRegistry models;
    @Inject AdapterProofs proofs;
    @Inject PlumblineConfig config;
    @TempDir Path home;

    private String model = "";

    @BeforeEach
    void load() {
        Path llava = TestApi.demo().resolve("llava");
        model = models.load(llava.toString(), "llava", LoadOptions.DEFAULT).name();
    }

    /** A server's adapters, as it begins. */
    private AdapterRegistry start() {
        var store = new AdapterStore(home.resolve("adapters"));
        var registry =
                new AdapterRegistry(
                        models,
                        store,
                        new AdapterNames(store, proofs, models),
                        new AdapterSources(store, new RunStore(home.resolve("runs"))),
                        proofs,
                        config);
        registry.sweep();
        return registry;
    }

    private AdapterRecord load(AdapterRegistry registry, String id) {
        var request = new AdapterLoad(model, CURE.toString(), "", id, false, false, List.of());
        return registry.load(request, Cancellation.none());
    }

    private String digestForCall(AdapterRegistry registry, String name) {
        try (ModelLease lease = models.lease(model, "model")) {
            return registry.forCall(name, lease.served()).map(LoraAdapter::digest).orElseThrow();
        }
    }

    @Test
    void whatWasLoadedAnswersAgain() {
        AdapterRegistry before = start();
        AdapterRecord cure = load(before, "cure");
        load(before, "gone");
        before.delete("adapters/gone");
        load(before, "asleep");
        before.unload("adapters/asleep");
        AdapterRegistry after = start();
        assertThat(after.list(new PageRequest(10, "")).items())
                .extracting(AdapterRecord::name)
                .containsExactly("adapters/asleep", "adapters/cure");
        assertThat(after.get("adapters/cure")).isEqualTo(cure);
        assertThat(digestForCall(after, "adapters/cure")).isEqualTo(cure.digest());
        assertThatThrownBy(() -> digestForCall(after, "adapters/asleep"))
                .isInstanceOfSatisfying(
                        PlumblineException.class,
                        e -> assertThat(e.reason()).isEqualTo("ADAPTER_NOT_LOADED"));
    }

    @Test
    void theFirstCallsAndAReplacementDoNotCrossEachOther() throws Exception {
        AdapterRecord cure = load(start(), "cure");
        Path other = home.resolve("other");
        Files.createDirectories(other);
        Files.copy(
                CURE.resolve("adapter_model.safetensors"),
                other.resolve("adapter_model.safetensors"));
        String text = Files.readString(CURE.resolve("adapter_config.json"));
        Files.writeString(
                other.resolve("adapter_config.json"),
                text.replaceFirst("\"lora_alpha\": *[0-9.]+", "\"lora_alpha\": 33"));
        Set<String> digests = new HashSet<>(Set.of(cure.digest()));
        for (int round = 0; round < 10; round++) {
            AdapterRegistry after = start();
            try (var callers = Executors.newFixedThreadPool(4)) {
                List<Future<String>> calls = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    calls.add(callers.submit(() -> digestForCall(after, "adapters/cure")));
                }
                Path next = round % 2 == 0 ? other : CURE;
                var request =
                        new AdapterLoad(
                                model, next.toString(), "", "cure", false, false, List.of());
                String now = after.load(request, Cancellation.none()).digest();
                for (Future<String> call : calls) {
                    digests.add(call.get());
                }
                digests.add(now);
                assertThat(digestForCall(after, "adapters/cure")).isEqualTo(now);
            }
        }
        assertThat(digests).hasSize(2);
    }

    @Test
    void filesThatWereChangedAreNotAnsweredWith() throws IOException {
        AdapterRecord cure = load(start(), "cure");
        Path files = new AdapterStore(home.resolve("adapters")).files(cure);
        Path configFile = files.resolve("adapter_config.json");
        String text = Files.readString(configFile);
        Files.writeString(
                configFile, text.replaceFirst("\"lora_alpha\": *[0-9.]+", "\"lora_alpha\": 77"));
        AdapterRegistry after = start();
        assertThatThrownBy(() -> digestForCall(after, "adapters/cure"))
                .isInstanceOfSatisfying(
                        PlumblineException.class,
                        e -> assertThat(e.reason()).isEqualTo("ADAPTER_CHANGED"))
                .hasMessageContaining("adapters/cure");
    }

    @Test
    void whatADeadProcessLeftIsTakenAway() throws IOException {
        AdapterRegistry before = start();
        load(before, "cure");
        AdapterUpload unfinished = before.upload();
        unfinished.start("half");
        unfinished.file("adapter_config.json", 100, "");
        unfinished.chunk(new byte[50]);
        // Begun by a process that was killed: nobody holds it.
        Path left = home.resolve("adapters/.unfinished-dead/files");
        Files.createDirectories(left);
        Files.write(left.resolve("adapter_model.safetensors"), new byte[1000]);
        AdapterRegistry after = start();
        assertThat(left.getParent()).doesNotExist();
        assertThat(after.list(new PageRequest(10, "")).items()).hasSize(1);
        // The other one's upload is still under way.
        unfinished.chunk(new byte[50]);
        unfinished.close();
        try (var folders = Files.list(home.resolve("adapters"))) {
            assertThat(folders).containsExactly(home.resolve("adapters/cure"));
        }
    }

    @Test
    void ofSeveralVersionsOneRemains() throws IOException {
        AdapterRegistry registry = start();
        for (int i = 0; i < 3; i++) {
            load(registry, "cure");
        }
        try (var entries = Files.list(home.resolve("adapters/cure"))) {
            assertThat(entries.filter(Files::isDirectory)).hasSize(1);
        }
    }
}
