package dev.plumbline.server.plugin;

import static dev.plumbline.server.plugin.PluginJars.loss;
import static dev.plumbline.server.plugin.PluginJars.manifest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.plumbline.engine.runtime.Cancellation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever lies in the folder, the host starts and offers what can be used. */
class PluginHostTest {
    private static final String LOSS = "row.chosenLogps()";

    @TempDir Path folder;
    private final List<String> log = new ArrayList<>();
    private final Logger logger = Logger.getLogger(PluginHost.class.getName());
    private final Handler handler = new Recorder();

    @BeforeEach
    void recordLogAndAddGoodPlugin() throws IOException {
        logger.addHandler(handler);
        PluginJars.build(
                folder.resolve("good.jar"),
                "Good",
                loss("Good", "good", LOSS),
                List.of("Good"),
                manifest("loss-good"));
    }

    @AfterEach
    void stopRecording() {
        logger.removeHandler(handler);
    }

    @Test
    void offersWhatIsPluggedIn() {
        assertThat(losses()).containsExactly("good");
        var host = host();
        PluginInfo plugin = host.plugins().getFirst();
        assertThat(plugin.version()).isEqualTo("1.2.3");
        assertThat(plugin.id()).isEqualTo("loss-good");
        assertThat(plugin.bundled()).isFalse();
        try (PluginUse use = host.use()) {
            assertThat(use.loss("good")).isPresent();
            assertThat(use.loss("other")).isEmpty();
            assertThat(use.selector("good", Cancellation.none())).isEmpty();
            assertThat(use.names()).containsExactly("good");
        }
    }

    @Test
    void anEmptyOrMissingFolderIsNoError() {
        assertThat(host(folder.resolve("nothing/here")).plugins()).isEmpty();
    }

    @Test
    void severalFoldersAreLookedInto() throws IOException {
        Path other = Files.createDirectories(folder.resolve("other"));
        PluginJars.build(
                other.resolve("extra.jar"),
                "Extra",
                loss("Extra", "extra", LOSS),
                List.of("Extra"),
                manifest("loss-extra"));
        PluginHost host = host(folder, other, folder);
        assertThat(host.plugins())
                .extracting(PluginInfo::id, PluginInfo::bundled)
                .containsExactly(tuple("loss-extra", true), tuple("loss-good", false));
        host.stop();
        assertThat(host.plugins()).isEmpty();
    }

    @Test
    void aPluginWithoutIndexIsNamed() throws IOException {
        PluginJars.build(
                folder.resolve("bare.jar"),
                "Bare",
                loss("Bare", "bare", LOSS),
                null,
                manifest("loss-bare"));
        assertThat(losses()).containsExactly("good");
        assertThat(log).anyMatch(l -> l.contains("loss-bare") && l.contains("extensions.idx"));
    }

    @Test
    void aPluginThatThrowsWhenItIsMadeIsNamed() throws IOException {
        String source =
                loss("Angry", "angry", LOSS)
                        .replace(
                                "public String name()",
                                "public Angry() { throw new IllegalStateException(\"no\"); }\n"
                                        + "public String name()");
        PluginJars.build(
                folder.resolve("angry.jar"),
                "Angry",
                source,
                List.of("Angry"),
                manifest("loss-angry"));
        assertThat(losses()).containsExactly("good");
        assertThat(log).anyMatch(l -> l.contains("loss-angry"));
    }

    @Test
    void aPluginThatThrowsWhenItsClassIsLoadedIsNamed() throws IOException {
        String source =
                loss("Static", "static", LOSS)
                        .replace(
                                "public String name()",
                                "static final int N = Integer.parseInt(\"x\");\n"
                                        + "public String name()");
        PluginJars.build(
                folder.resolve("static.jar"),
                "Static",
                source,
                List.of("Static"),
                manifest("loss-static"));
        assertThat(losses()).containsExactly("good");
        assertThat(log).anyMatch(l -> l.contains("loss-static"));
    }

    @Test
    void aPluginOfAnotherSpiIsNamed() throws IOException {
        PluginJars.build(
                folder.resolve("future.jar"),
                "Future",
                loss("Future", "future", LOSS),
                List.of("Future"),
                Map.of(
                        "Plugin-Id", "loss-future",
                        "Plugin-Version", "1.0.0",
                        "Plugin-Requires", ">=2.0.0"));
        assertThat(losses()).containsExactly("good");
        assertThat(log).anyMatch(l -> l.contains("loss-future") && l.contains(">=2.0.0"));
    }

    @Test
    void aPluginThatNeedsATypeTheSpiNoLongerHasIsNamed() throws IOException {
        String source =
                loss("Old", "old", LOSS)
                                .replace(
                                        "public String name()",
                                        "Gone gone = new Gone();\npublic String name()")
                        + "class Gone {}";
        PluginJars.build(
                folder.resolve("old.jar"),
                "Old",
                source,
                List.of("Old"),
                manifest("loss-old"),
                "Gone.class");
        assertThat(losses()).containsExactly("good");
        assertThat(log).anyMatch(l -> l.contains("loss-old"));
    }

    @Test
    void aPluginWhoseIndexNamesNoClassOffersNothing() throws IOException {
        PluginJars.build(
                folder.resolve("lost.jar"),
                "Lost",
                loss("Lost", "lost", LOSS),
                List.of("Elsewhere"),
                manifest("loss-lost"));
        assertThat(losses()).containsExactly("good");
        assertThat(log).anyMatch(l -> l.contains("loss-lost") && l.contains("Elsewhere"));
    }

    @Test
    void filesThatAreNoPluginsAreLeftOut() throws IOException {
        Files.writeString(folder.resolve("garbage.jar"), "not a jar");
        Files.writeString(folder.resolve("notes.txt"), "hello");
        PluginJars.build(
                folder.resolve("anonymous.jar"),
                "Anonymous",
                loss("Anonymous", "anonymous", LOSS),
                List.of("Anonymous"),
                Map.of());
        assertThat(losses()).containsExactly("good");
    }

    @Test
    void ofTwoWithOneNameTheFirstIdWins() throws IOException {
        PluginJars.build(
                folder.resolve("aaa.jar"),
                "Twin",
                loss("Twin", "good", LOSS),
                List.of("Twin"),
                manifest("loss-a"));
        try (PluginUse use = host().use()) {
            GuardedLoss loss = (GuardedLoss) use.loss("good").orElseThrow();
            assertThat(loss.plugin().id()).isEqualTo("loss-a");
        }
        assertThat(log).anyMatch(l -> l.contains("loss-good") && l.contains("left out"));
    }

    private List<String> losses() {
        try (PluginUse use = host().use()) {
            return use.names();
        }
    }

    private PluginHost host() {
        return host(folder);
    }

    private static PluginHost host(Path installed, Path... bundled) {
        PluginHost host = PluginHosts.of(installed, bundled);
        host.start();
        return host;
    }

    private final class Recorder extends Handler {
        @Override
        public void publish(LogRecord record) {
            Object[] parameters = record.getParameters();
            String message = record.getMessage();
            log.add(parameters == null ? message : String.format(message, parameters));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
