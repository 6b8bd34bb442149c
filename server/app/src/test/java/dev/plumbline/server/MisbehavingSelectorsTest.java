package dev.plumbline.server;

import static dev.plumbline.server.DemoServer.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.longrunning.Operation;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import dev.plumbline.server.plugin.PluginJars;
import dev.plumbline.v1.NegativeServiceGrpc;
import dev.plumbline.v1.PreviewNegativesRequest;
import dev.plumbline.v1.PreviewNegativesResponse;
import dev.plumbline.v1.SelectionSpec;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A selector that misbehaves is reported by name with what it did, by a preview and by a mining,
 * and whatever is chosen by others goes on.
 */
@QuarkusTest
@TestProfile(PluginTestServer.class)
class MisbehavingSelectorsTest {
    /** Hangs, interrupted or not, and takes no processor. */
    private static final String HANG =
            "while (true) { try { Thread.sleep(1000); } catch (InterruptedException e) { } }";

    @GrpcClient("plumbline")
    Channel channel;

    @TempDir Path folder;
    private NegativeCalls calls;
    private PluginCalls plugins;
    private String pool = "";

    @BeforeEach
    void open() {
        calls = new NegativeCalls(channel);
        calls.loadClip();
        plugins = new PluginCalls(channel);
        pool = PluginTestServer.pool(folder, 12).toString();
    }

    @AfterEach
    void othersGoOn() {
        assertThat(plugins.uninstall("test-picky")).isEmpty();
        assertThat(preview("random", channel).getNegativesCount()).isEqualTo(2);
    }

    private void install(String open) {
        plugins.install(
                PluginJars.build(
                        folder.resolve("picky.jar"),
                        "test-picky",
                        "1.2.3",
                        "Picky",
                        PluginJars.selector("Picky", "picky", open)));
    }

    private PreviewNegativesResponse preview(String selector, Channel through) {
        return NegativeServiceGrpc.newBlockingStub(through)
                .previewNegatives(
                        PreviewNegativesRequest.newBuilder()
                                .setSelection(selection(selector))
                                .setImage(DemoServer.image(3))
                                .setPrompt(DemoServer.QUESTION)
                                .setAnswer("There is a red circle.")
                                .build());
    }

    private SelectionSpec.Builder selection(String selector) {
        return NegativeCalls.selection(pool).setClip(NegativeCalls.CLIP).setSelector(selector);
    }

    private Path output() {
        return folder.resolve("out/mined.jsonl");
    }

    private Operation mine() {
        return calls.mine(selection("picky"), DemoServer.rows(folder, 3), output());
    }

    /** By a preview and by a mining alike. */
    private void reported(String reason, String... what) {
        StatusRuntimeException refused = refusal(() -> preview("picky", channel));
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(TestApi.reason(refused)).isEqualTo(reason);
        assertThat(TestApi.info(refused).getMetadataMap()).containsEntry("selector", "picky");
        assertThat(refused.getStatus().getDescription()).contains(what).contains("picky");
        Operation failed = calls.await(mine());
        ErrorInfo why = NegativeCalls.failure(failed);
        assertThat(failed.getError().getCode()).isEqualTo(Code.FAILED_PRECONDITION_VALUE);
        assertThat(why.getReason()).isEqualTo(reason);
        assertThat(why.getMetadataMap()).containsEntry("selector", "picky");
        assertThat(failed.getError().getMessage()).contains(what).contains("picky");
        assertThat(output().getParent()).isEmptyDirectory();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "throw new IllegalStateException(\"no\");"
                        + "|threw java.lang.IllegalStateException: no (at Picky.open(Picky.java:5))",
                "throw new NoSuchMethodError(\"gone\");|threw java.lang.NoSuchMethodError: gone",
                "throw new OutOfMemoryError(\"mine\");|threw java.lang.OutOfMemoryError: mine",
                "return new long[Integer.MAX_VALUE] == null ? null : null;"
                        + "|threw java.lang.OutOfMemoryError",
                "return open(workshop, options);|threw java.lang.StackOverflowError",
                "return null;|gave null instead of a chooser"
            })
    void whenItOpens(String open, String what) {
        install(open);
        reported("SELECTOR_FAILED", what);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "null|gave null for",
                "Choice.greedy(List.of(Negative.of(0, 1)))|chose 1 negatives, not 2",
                "Choice.greedy(List.of(Negative.of(0, 1), Negative.of(0, 1)))|candidate 0 twice",
                "Choice.greedy(List.of(Negative.of(0, 1), Negative.of(-3, 1)))|candidate -3 out of",
                "Choice.greedy(List.of(Negative.of(0, 1), Negative.of(99, 1)))|candidate 99 out of",
                "Choice.greedy(List.of(Negative.of(0, 1), Negative.of(1, 0.0 / 0)))|not a finite",
                "new Choice(List.of(Negative.of(0, 1, 1 / 0.0, 0), Negative.of(1, 1)), \"greedy\","
                        + " 1)|not a finite",
                "Choice.greedy(Arrays.asList(Negative.of(0, 1), null))|NullPointerException",
                "Choice.greedy(List.of(Negative.of(0, 1), Negative.made(selection.image(), 1)))"
                        + "|the row's own picture",
                "Choice.greedy(List.of(Negative.made(new Raster(1, 1, new byte[3]), 1),"
                        + " Negative.made(new Raster(1, 1, new byte[3]), 1)))|one picture twice",
                "new Choice(List.of(Negative.of(0, 1), Negative.of(1, 1)), \"guessing\", 1)"
                        + "|samples 'guessing'",
                "Choice.greedy(List.of(Negative.of(0, 1, -1, -1), Negative.of(1, 1)))"
                        + "|a weight to what it did not sample",
                "Choice.greedy(List.of(Negative.of(options.integer(\"luck\"), 1)))"
                        + "|does not declare so: luck"
            })
    void whenItChooses(String choice, String what) {
        install("return selection -> " + choice + ";");
        reported("SELECTOR_FAILED", what);
    }

    @Test
    void whenItCloses() {
        install(
                """
                return new Chooser() {
                    public Choice choose(Selection selection) {
                        return Choice.greedy(List.of(Negative.of(0, 1), Negative.of(1, 1)));
                    }
                    public void close() { throw new IllegalStateException("no end"); }
                };
                """);
        reported("SELECTOR_FAILED", "threw java.lang.IllegalStateException: no end");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"%s|open", "return selection -> { %s };|choose"})
    void whenItHangs(String open, String method) {
        install(open.formatted(HANG));
        reported("PLUGIN_TIMEOUT", "its %s has said nothing for 2 s".formatted(method));
    }

    @Test
    void whatHangsForMinutesIsGivenUpWhenNobodyWantsItAnyMore() throws Exception {
        // It says that it is alive for ever, so that no deadline ends it.
        install(
                """
                while (true) {
                    try { workshop.progress("dozing", 1, 2); } catch (RuntimeException e) { }
                    try { Thread.sleep(100); } catch (InterruptedException e) { }
                }
                """);
        Context.CancellableContext leaving = Context.current().withCancellation();
        var previewed = new FutureTask<>(leaving.wrap(() -> preview("picky", channel)));
        Thread.startVirtualThread(previewed);
        Operation mining = mine();
        awaitPluginThreads(2);
        leaving.cancel(null);
        assertThatThrownBy(previewed::get).rootCause().hasMessageContaining("CANCELLED");
        long start = System.nanoTime();
        calls.cancel(mining);
        Operation ended = calls.await(mining);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
        assertThat(ended.getError().getCode()).isEqualTo(Code.CANCELLED_VALUE);
        assertThat(output().getParent()).isEmptyDirectory();
        awaitPluginThreads(0);
    }

    /** Of those that are not given up. */
    private static void awaitPluginThreads(int count) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (pluginThreads() != count && System.nanoTime() < until) {
            Thread.sleep(20);
        }
        assertThat(pluginThreads()).isEqualTo(count);
    }

    private static long pluginThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("plumbline-plugin: "))
                .filter(thread -> thread.getName().contains("test-picky"))
                .count();
    }

    @Test
    void optionsThatItDoesNotTakeAreRefusedBeforeAnythingIsDone() {
        plugins.install(
                PluginJars.build(
                        folder.resolve("picky.jar"),
                        "test-picky",
                        "1.2.3",
                        "Picky",
                        PluginJars.selector("Picky", "picky", "return null;")
                                .replace(
                                        "public String name()",
                                        "public List<OptionSpec> options() { return List.of("
                                                + "OptionSpec.integer(\"width\", 4, 1, 9, \"\")); }"
                                                + "public String name()")));
        refusedOption("luck", "1", "UNKNOWN_OPTION", "width (integer from 1 to 9)");
        refusedOption("width", "10", "OPTION_OUT_OF_RANGE", "from 1 to 9, not 10");
    }

    private void refusedOption(String name, String value, String reason, String what) {
        SelectionSpec.Builder selection = selection("picky").putOptions(name, value);
        var request =
                PreviewNegativesRequest.newBuilder()
                        .setSelection(selection)
                        .setImage(DemoServer.image(3))
                        .setPrompt("What?")
                        .setAnswer("That.")
                        .build();
        Stream.of(
                        refusal(() -> calls.negatives().previewNegatives(request)),
                        refusal(() -> calls.mine(selection, DemoServer.rows(folder, 2), output())))
                .forEach(refused -> {
                    assertThat(TestApi.reason(refused)).isEqualTo(reason);
                    assertThat(TestApi.field(refused)).isEqualTo("selection.options");
                    assertThat(refused.getStatus().getDescription()).contains(what);
                });
    }
}
