package dev.plumbline.server.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plugins that come, change and go while a host runs. */
class PluginSwapTest {
    private static final String WORTH = "row.chosenLogps()";

    @TempDir Path folder;
    private Path bundled;
    private Path installed;
    private Path elsewhere;
    private PluginHost host;

    @BeforeEach
    void start() throws IOException {
        bundled = Files.createDirectories(folder.resolve("bundled"));
        installed = folder.resolve("installed");
        elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
        loss(bundled.resolve("basic.jar"), "basic", "1.0.0", "basic");
        host = startedHost();
    }

    private PluginHost startedHost() {
        PluginHost made = PluginHosts.of(installed, bundled);
        made.start();
        return made;
    }

    private static Path loss(Path jar, String id, String version, String name) {
        return PluginJars.build(
                jar, id, version, "Swapped", PluginJars.loss("Swapped", name, WORTH));
    }

    private PluginChange install(String id, String version, String name) {
        return host.install(loss(elsewhere.resolve("new.jar"), id, version, name), "new.jar");
    }

    private static void refused(String reason, String what, ThrowingCallable call) {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(call)
                .withMessageContaining(what)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }

    private String version(String id) {
        return host.plugins().stream()
                .filter(p -> p.id().equals(id))
                .map(PluginInfo::version)
                .findFirst()
                .orElse("none");
    }

    private List<String> losses() {
        try (PluginUse use = host.use()) {
            return use.names();
        }
    }

    @Test
    void whatIsInstalledIsThereAtOnceAndAfterARestart() {
        PluginChange change = install("extra", "1.0.0", "extra");
        assertThat(change.replaced()).isEmpty();
        assertThat(change.plugin().offers()).extracting(Offer::name).containsExactly("extra");
        assertThat(losses()).containsExactly("basic", "extra");
        host.stop();
        host = startedHost();
        assertThat(losses()).containsExactly("basic", "extra");
        assertThat(installed.resolve("extra.jar")).exists();
    }

    @Test
    void anInstalledOneReplacesTheBundledOneUntilItIsUninstalled() {
        PluginChange change = install("basic", "2.0.0", "basic");
        assertThat(change.replaced()).isEqualTo("1.0.0");
        assertThat(change.plugin().bundled()).isFalse();
        assertThat(change.plugin().overrides()).isTrue();
        host.stop();
        host = startedHost();
        assertThat(version("basic")).isEqualTo("2.0.0");
        assertThat(host.uninstall("plugins/basic")).contains("1.0.0");
        assertThat(version("basic")).isEqualTo("1.0.0");
        assertThat(host.plugins().getFirst().bundled()).isTrue();
        refused("PLUGIN_BUNDLED", "came with the server", () -> host.uninstall("basic"));
    }

    @Test
    void whatIsUninstalledIsGoneForGood() {
        install("extra", "1.0.0", "extra");
        assertThat(host.uninstall("extra")).isEmpty();
        assertThat(losses()).containsExactly("basic");
        assertThat(installed).isEmptyDirectory();
        refused("PLUGIN_NOT_FOUND", "there is: basic", () -> host.uninstall("extra"));
        refused("PLUGIN_NOT_FOUND", "there is: basic", () -> host.reload("extra"));
    }

    @Test
    void anotherFileNameOfTheSameIdDoesNotStay() throws IOException {
        Files.createDirectories(installed);
        loss(installed.resolve("by-hand.jar"), "extra", "1.0.0", "extra");
        assertThat(host.reload("extra").plugin().version()).isEqualTo("1.0.0");
        assertThat(install("extra", "2.0.0", "extra").replaced()).isEqualTo("1.0.0");
        assertThat(installed.resolve("by-hand.jar")).doesNotExist();
    }

    @Test
    void aReloadReadsTheFileAgainAndOneThatFailsChangesNothing() throws IOException {
        install("extra", "1.0.0", "extra");
        Path file = installed.resolve("extra.jar");
        loss(file, "extra", "2.0.0", "extra");
        assertThat(host.reload("extra").replaced()).isEqualTo("1.0.0");
        Files.writeString(file, "half a jar");
        refused("PLUGIN_FILE_MISSING", "works on", () -> host.reload("extra"));
        loss(file, "extra", "3.0.0", "NOT A NAME");
        refused("PLUGIN_INVALID", "NOT A NAME", () -> host.reload("extra"));
        Files.delete(file);
        refused("PLUGIN_FILE_MISSING", "works on", () -> host.reload("extra"));
        assertThat(version("extra")).isEqualTo("2.0.0");
        assertThat(host.uninstall("extra")).isEmpty();
        assertThat(losses()).containsExactly("basic");
    }

    @Test
    void aNameThatAnotherPluginHasIsRefusedAndNothingIsKept() {
        refused("PLUGIN_NAME_TAKEN", "basic", () -> install("other", "1.0.0", "basic"));
        assertThat(installed).doesNotExist();
        assertThat(losses()).containsExactly("basic");
    }

    @Test
    void anIdCannotLeaveTheFolder() {
        refused("PLUGIN_INVALID", "Plugin-Id", () -> install("../../evil", "1.0.0", "evil"));
        assertThat(folder.resolve("evil.jar")).doesNotExist();
    }

    @Test
    void aUseKeepsItsVersionAndTheLastOneTakesTheClassesWithIt() throws Exception {
        install("extra", "1.0.0", "extra");
        PluginUse use = host.use();
        var old = ((GuardedLoss) use.loss("extra").orElseThrow()).plugin();
        var loader = new WeakReference<>(old.jar().classLoader());
        Path copy = old.jar().copy();
        install("extra", "2.0.0", "extra");
        assertThat(((GuardedLoss) use.loss("extra").orElseThrow()).plugin()).isSameAs(old);
        assertThat(copy).exists();
        assertThat(old.hold()).isTrue();
        old.release();
        use.close();
        assertThat(copy).doesNotExist();
        assertThat(old.hold()).isFalse();
        try (PluginUse next = host.use()) {
            var fresh = ((GuardedLoss) next.loss("extra").orElseThrow()).plugin();
            assertThat(fresh.version()).isEqualTo("2.0.0");
        }
        use = null;
        old = null;
        Garbage.assertCollected(List.of(loader));
    }

    @Test
    void fiftyReloadsLeaveNoClassLoaderAndNoCopy() throws Exception {
        install("extra", "1.0.0", "extra");
        List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            loaders.add(loader());
            host.reload("extra");
        }
        Garbage.assertCollected(loaders);
        try (Stream<Path> copies = Files.list(folder.resolve("copies-installed"))) {
            assertThat(copies).hasSize(2);
        }
    }

    private WeakReference<ClassLoader> loader() {
        try (PluginUse use = host.use()) {
            var loss = (GuardedLoss) use.loss("extra").orElseThrow();
            return new WeakReference<>(loss.plugin().jar().classLoader());
        }
    }
}
