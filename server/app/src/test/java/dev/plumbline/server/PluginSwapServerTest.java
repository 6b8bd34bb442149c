package dev.plumbline.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.server.plugin.Garbage;
import dev.plumbline.server.plugin.PluginJars;
import dev.plumbline.v1.CreateRunRequest;
import dev.plumbline.v1.InstallPluginRequest;
import dev.plumbline.v1.InstalledPlugin;
import dev.plumbline.v1.Plugin;
import dev.plumbline.v1.Run;
import dev.plumbline.v1.TrainingSpec;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plugins that change while calls use them. */
@QuarkusTest
@TestProfile(PluginTestServer.class)
class PluginSwapServerTest {
    private static final int RELOADS = 50;

    /** Through which a plugin's classes, which know the JDK alone, speak with this test. */
    private static final String LOADERS = "test.plugin.loaders";

    private static final String VERSIONS = "test.plugin.versions";
    private static final String ENTERED = "test.plugin.entered";
    private static final String GATE = "test.plugin.gate";

    @GrpcClient("plumbline")
    Channel channel;

    @ConfigProperty(name = "plumbline.home")
    Path home;

    @TempDir Path folder;
    private final Queue<WeakReference<?>> loaders = new ConcurrentLinkedQueue<>();
    private final Queue<String> versions = new ConcurrentLinkedQueue<>();
    private DemoServer server;
    private PluginCalls plugins;
    private Path rows;
    private Path pool;

    @BeforeEach
    void load() {
        server = new DemoServer(channel);
        server.loadModel();
        plugins = new PluginCalls(channel);
        rows = DemoServer.rows(folder, 2);
        pool = PluginTestServer.pool(folder, 6);
        System.getProperties().put(LOADERS, loaders);
        System.getProperties().put(VERSIONS, versions);
    }

    @AfterEach
    void forget() {
        for (String key : List.of(LOADERS, VERSIONS, ENTERED, GATE)) {
            System.getProperties().remove(key);
        }
    }

    /** A selector and a loss in one, which says where it was loaded and which version was used. */
    private Path jar(String version, String opening) {
        String source =
                """
                import dev.plumbline.spi.*;
                import java.lang.ref.WeakReference;
                import java.util.*;
                import java.util.concurrent.*;
                public class Swapped implements NegativeSelector, PreferenceLoss {
                    static final ThreadLocal<Swapped> KEPT = new ThreadLocal<>();
                    static {
                        queue("test.plugin.loaders")
                                .add(new WeakReference<>(Swapped.class.getClassLoader()));
                    }
                    @SuppressWarnings("unchecked")
                    static Queue<Object> queue(String name) {
                        return (Queue<Object>) System.getProperties().get(name);
                    }
                    public String name() { return "swapped"; }
                    public List<OptionSpec> options() {
                        return List.of(OptionSpec.number("beta", 1, 0, 9, "Of version VERSION."));
                    }
                    public Chooser open(Workshop workshop, Options options) {
                        KEPT.set(this);
                        OPENING
                        queue("test.plugin.versions").add("VERSION");
                        return s -> Choice.greedy(List.of(Negative.of(0, 1), Negative.of(1, 1)));
                    }
                    public Expression loss(PreferenceRow row, Options options) {
                        KEPT.set(this);
                        return row.chosenLogps().minus(row.negativeLogps().sum())
                                .times(options.number("beta")).logSigmoid().negated();
                    }
                }
                /** Loaded when it is first touched, from a jar that may have been replaced. */
                class Later {
                    static void touch() {}
                }
                """
                        .replace("VERSION", version)
                        .replace("OPENING", opening);
        return PluginJars.build(
                folder.resolve("swapped-%s.jar".formatted(version)),
                "test-swapped",
                version,
                "Swapped",
                source);
    }

    /** Chooses by the selector, then plans with the loss. */
    private Run plan() {
        assertThat(
                        new NegativeCalls(channel)
                                .preview(pool.toString(), "swapped")
                                .getNegativesCount())
                .isEqualTo(2);
        var spec =
                TrainingSpec.newBuilder()
                        .setModel(DemoServer.MODEL)
                        .setData(rows.toString())
                        .setLoss("swapped")
                        .setSelector("swapped")
                        .setPool(pool.toString())
                        .setK(2);
        return server.training()
                .createRun(
                        CreateRunRequest.newBuilder().setSpec(spec).setValidateOnly(true).build());
    }

    @Test
    void installsWhatIsSentOrLiesOnTheServer() {
        InstalledPlugin first = plugins.install(jar("1.0.0", ""));
        assertThat(first.getPluginId()).isEqualTo("test-swapped");
        assertThat(first.getReplacedVersion()).isEmpty();
        assertThat(first.getPluginsList())
                .extracting(Plugin::getKind)
                .containsExactlyInAnyOrder(Plugin.Kind.SELECTOR, Plugin.Kind.LOSS);
        assertThat(home.resolve("plugins/test-swapped.jar")).exists();
        assertThat(plan().getPlan().getSteps()).isPositive();
        Path second = jar("2.0.0", "");
        assertThat(plugins.installFromServer(second.toString()).getReplacedVersion())
                .isEqualTo("1.0.0");
        assertThat(listed().getVersion()).isEqualTo("2.0.0");
        assertThat(listed().getOptions(0).getHelp()).isEqualTo("Of version 2.0.0.");
        assertThat(plugins.uninstall("swapped")).isEmpty();
        assertThat(plugins.list()).noneMatch(p -> p.getPluginId().equals("test-swapped"));
        StatusRuntimeException gone = DemoServer.refusal(this::plan);
        assertThat(TestApi.reason(gone)).isEqualTo("SELECTOR_NOT_FOUND");
    }

    private Plugin listed() {
        return plugins.list().stream()
                .filter(p -> p.getName().equals("plugins/swapped"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aBundledPluginIsReplacedAndComesBack() {
        Path jar =
                PluginJars.build(
                        folder.resolve("mine.jar"),
                        "loss-dpo",
                        "9.0.0",
                        "Mine",
                        PluginJars.loss("Mine", "dpo", "row.chosenLogps()"));
        String bundled = dpo().getVersion();
        assertThat(dpo().getBundled()).isTrue();
        assertThat(plugins.install(jar).getReplacedVersion()).isEqualTo(bundled);
        assertThat(dpo().getVersion()).isEqualTo("9.0.0");
        assertThat(dpo().getBundled()).isFalse();
        assertThat(dpo().getOverridesBundled()).isTrue();
        assertThat(plugins.uninstall("plugins/dpo")).isEqualTo(bundled);
        assertThat(dpo().getBundled()).isTrue();
        var e = DemoServer.refusal(() -> plugins.uninstall("loss-dpo"));
        assertThat(TestApi.reason(e)).isEqualTo("PLUGIN_BUNDLED");
    }

    private Plugin dpo() {
        return plugins.list().stream()
                .filter(p -> p.getName().equals("plugins/dpo"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aReloadThatFailsLeavesTheOldOneWorkingAndSaysWhy() throws IOException {
        plugins.install(jar("1.0.0", ""));
        Path file = home.resolve("plugins/test-swapped.jar");
        PluginJars.build(
                file,
                "test-swapped",
                "2.0.0",
                "Swapped",
                PluginJars.loss("Swapped", "BAD", "row.chosenLogps()"));
        var e = DemoServer.refusal(() -> plugins.reload("test-swapped"));
        assertThat(TestApi.reason(e)).isEqualTo("PLUGIN_INVALID");
        assertThat(e.getStatus().getDescription())
                .contains("test-swapped 2.0.0", file.toString(), "the name 'BAD'");
        assertThat(plan().getPlan().getSteps()).isPositive();
        assertThat(listed().getVersion()).isEqualTo("1.0.0");
        Files.copy(jar("3.0.0", ""), file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThat(plugins.reload("swapped").getVersion()).isEqualTo("3.0.0");
        plugins.uninstall("test-swapped");
    }

    @Test
    void whatIsNoPluginIsRefused() throws IOException {
        Path text = Files.writeString(folder.resolve("text.jar"), "hello");
        refused("PLUGIN_INVALID", "it is no jar", () -> plugins.install(text));
        refused(
                "PLUGIN_INVALID",
                "there is no such file",
                () -> plugins.installFromServer(folder.resolve("none.jar").toString()));
        refused("FIELD_MISSING", "send a path", () -> plugins.send(List.of()));
        refused(
                "FIELD_MISSING",
                "neither path nor chunk",
                () -> plugins.send(List.of(InstallPluginRequest.getDefaultInstance())));
        var path = InstallPluginRequest.newBuilder().setPath(text.toString()).build();
        refused("CONTENT_TWICE", "send one path", () -> plugins.send(List.of(path, path)));
        refused("PLUGIN_NOT_FOUND", "loss-dpo", () -> plugins.reload("nobody"));
    }

    private static void refused(String reason, String what, java.util.concurrent.Callable<?> call) {
        StatusRuntimeException e = DemoServer.refusal(call);
        assertThat(TestApi.reason(e)).isEqualTo(reason);
        assertThat(e.getStatus().getDescription()).contains(what);
    }

    @Test
    void aCallInFlightFinishesOnItsVersionAndNewOnesGetTheNewOne() throws Exception {
        var entered = new CountDownLatch(1);
        var gate = new CountDownLatch(1);
        System.getProperties().put(ENTERED, entered);
        System.getProperties().put(GATE, gate);
        plugins.install(
                jar(
                        "1.0.0",
                        """
                        ((CountDownLatch) System.getProperties().get("test.plugin.entered"))
                                .countDown();
                        try {
                            while (!((CountDownLatch) System.getProperties()
                                    .get("test.plugin.gate")).await(200, TimeUnit.MILLISECONDS)) {
                                workshop.progress("waiting", 0, 1);
                            }
                            Later.touch();
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                        """));
        var inFlight = CompletableFuture.supplyAsync(this::plan);
        assertThat(entered.await(30, TimeUnit.SECONDS)).isTrue();
        plugins.install(jar("2.0.0", ""));
        assertThat(plan().getPlan().getSteps()).isPositive();
        assertThat(versions).containsExactly("2.0.0");
        gate.countDown();
        assertThat(inFlight.join().getPlan().getSteps()).isPositive();
        assertThat(versions).containsExactly("2.0.0", "1.0.0");
        plugins.uninstall("test-swapped");
        Garbage.assertCollected(List.copyOf(loaders));
    }

    @Test
    void fiftyReloadsUnderLoadFailNoCallAndLeaveNoClassLoader() throws Exception {
        List<Path> jars = List.of(jar("1.0.0", ""), jar("2.0.0", ""));
        plugins.install(jars.getFirst());
        var done = new AtomicBoolean();
        var calls = new AtomicInteger();
        List<Future<?>> callers = new ArrayList<>();
        try (var executor = Executors.newFixedThreadPool(3)) {
            for (int i = 0; i < 3; i++) {
                callers.add(executor.submit(() -> call(done, calls)));
            }
            try {
                reload(jars, calls);
            } finally {
                done.set(true);
            }
        }
        for (Future<?> caller : callers) {
            assertThat(caller.get()).isNull();
        }
        assertThat(calls).hasValueGreaterThanOrEqualTo(3 * RELOADS);
        assertThat(versions).contains("1.0.0", "2.0.0");
        plugins.uninstall("test-swapped");
        assertThat(loaders).hasSize(RELOADS + 1);
        Garbage.assertCollected(List.copyOf(loaders));
    }

    private void reload(List<Path> jars, AtomicInteger calls) throws Exception {
        Path file = home.resolve("plugins/test-swapped.jar");
        for (int i = 1; i <= RELOADS; i++) {
            awaitCalls(calls, calls.get() + 3);
            replace(file, jars.get(i % 2));
            String version = plugins.reload("test-swapped").getVersion();
            assertThat(version).isEqualTo(i % 2 == 0 ? "1.0.0" : "2.0.0");
        }
    }

    /** Whatever fails, fails the test. */
    private void call(AtomicBoolean done, AtomicInteger calls) {
        while (!done.get()) {
            assertThat(plan().getPlan().getSteps()).isPositive();
            calls.incrementAndGet();
        }
    }

    private static void awaitCalls(AtomicInteger calls, int wanted) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (calls.get() < wanted) {
            assertThat(System.nanoTime()).as("%d calls", calls.get()).isLessThan(until);
            Thread.sleep(5);
        }
    }

    private static void replace(Path file, Path jar) throws IOException {
        Path fresh = Files.copy(jar, file.resolveSibling(".fresh"));
        Files.move(
                fresh,
                file,
                java.nio.file.StandardCopyOption.ATOMIC_MOVE,
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
}
