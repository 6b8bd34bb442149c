package dev.plumbline.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.server.plugin.PluginJars;
import dev.plumbline.v1.CreateRunRequest;
import dev.plumbline.v1.PreviewNegativesResponse;
import dev.plumbline.v1.Run;
import dev.plumbline.v1.TrainingSpec;
import io.grpc.Channel;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A plugin that misbehaves is reported by name with what it did, and everything else goes on. */
@QuarkusTest
@TestProfile(PluginTestServer.class)
class MisbehavingPluginsTest {
    /** Hangs, interrupted or not, and takes no processor. */
    private static final String DOZE =
            "try { Thread.sleep(1000); } catch (InterruptedException e) { }";

    @GrpcClient("plumbline")
    Channel channel;

    @TempDir Path folder;
    private DemoServer server;
    private PluginCalls plugins;

    @BeforeEach
    void load() {
        server = new DemoServer(channel);
        server.loadModel();
        plugins = new PluginCalls(channel);
    }

    private Path jar(String name, String source) {
        return PluginJars.build(
                folder.resolve(name + ".jar"), "test-" + name, "1.2.3", "Picky", source);
    }

    private void everythingElseGoesOn() {
        assertThat(preview("random").getNegativesCount()).isEqualTo(2);
    }

    private PreviewNegativesResponse preview(String selector) {
        String pool = TestApi.demo().resolve("data/pool").toString();
        return new NegativeCalls(channel).preview(pool, selector);
    }

    private Run plan(TrainingSpec.Builder spec) {
        spec.setModel(DemoServer.MODEL).setData(DemoServer.rows(folder, 2).toString());
        var request = CreateRunRequest.newBuilder().setSpec(spec).setValidateOnly(true).build();
        return server.training().createRun(request);
    }

    private static void reported(StatusRuntimeException e, String reason, String what) {
        assertThat(e.getStatus().getCode()).isEqualTo(Code.FAILED_PRECONDITION);
        assertThat(TestApi.reason(e)).isEqualTo(reason);
        assertThat(e.getStatus().getDescription()).contains("picky", what);
    }

    @Test
    void aHangIsGivenUpWhileOthersGoOn() {
        plugins.install(
                jar(
                        "picky",
                        PluginJars.selector(
                                "Picky",
                                "picky",
                                "while (workshop.rows() > 0) { " + DOZE + " } return null;")));
        var hanging =
                IntStream.range(0, 4)
                        .mapToObj(i -> CompletableFuture.supplyAsync(() -> refused("picky")))
                        .toList();
        for (int i = 0; i < 5; i++) {
            everythingElseGoesOn();
        }
        StatusRuntimeException e = hanging.getFirst().join();
        reported(e, "PLUGIN_TIMEOUT", "its open has said nothing for 2 s, at Picky.open(");
        assertThat(TestApi.info(e).getMetadataMap())
                .containsEntry("plugin_id", "test-picky")
                .containsEntry("selector", "picky");
        hanging.forEach(CompletableFuture::join);
        reported(refused("picky"), "PLUGIN_HUNG", "hangs in 4 threads already");
        plugins.reload("test-picky");
        reported(refused("picky"), "PLUGIN_TIMEOUT", "its open has said nothing");
        plugins.uninstall("test-picky");
        everythingElseGoesOn();
    }

    private StatusRuntimeException refused(String selector) {
        return DemoServer.refusal(() -> preview(selector));
    }

    @Test
    void aSelectorThatNeedsClipIsToldThatThereIsNone() {
        String open = "return s -> Choice.greedy(List.of(Negative.of(0, s.chosenEmbedding()[0])));";
        plugins.install(jar("picky", PluginJars.selector("Picky", "picky", open)));
        assertThat(TestApi.reason(refused("picky"))).isEqualTo("CLIP_MISSING");
        plugins.uninstall("test-picky");
    }

    @Test
    void slowWorkThatReportsProgressIsNoHang() {
        plugins.install(
                jar(
                        "picky",
                        PluginJars.selector(
                                "Picky",
                                "picky",
                                """
                                try {
                                    for (int i = 0; i < 6; i++) {
                                        workshop.progress("fitting", i, 6);
                                        Thread.sleep(500);
                                    }
                                } catch (InterruptedException e) {
                                    throw new IllegalStateException(e);
                                }
                                return s -> Choice.greedy(
                                        List.of(Negative.of(0, 1), Negative.of(1, 1)));
                                """)));
        assertThat(preview("picky").getNegativesCount()).isEqualTo(2);
        plugins.uninstall("test-picky");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "throw new IllegalStateException(\"no\")|LOSS_FAILED|IllegalStateException: no",
                "return null|LOSS_FAILED|gave null instead of an expression",
                "return loss(row, options)|LOSS_FAILED|StackOverflowError",
                "return row.negativeLogps()|LOSS_FAILED|a loss is one number",
                "while (true) { " + DOZE + " }|PLUGIN_TIMEOUT|its loss has said nothing"
            })
    void aLoss(String body, String reason, String what) {
        String source =
                PluginJars.loss("Picky", "picky", "row")
                        .replace("return row;", body + (body.endsWith("}") ? "" : ";"));
        plugins.install(jar("picky", source));
        StatusRuntimeException e =
                DemoServer.refusal(() -> plan(TrainingSpec.newBuilder().setLoss("picky")));
        plugins.uninstall("test-picky");
        reported(e, reason, what);
        everythingElseGoesOn();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "OptionSpec.number(\"a\", 1, 0, 2, \"\"), OptionSpec.text(\"a\", \"\", \"\")"
                        + "|a is declared twice",
                "OptionSpec.number(\"a\", 3, 0, 2, \"\")|must be from 0 to 2, not 3",
                "OptionSpec.integer(\"a\", 1, 2, 0, \"\")|minimum 2.0 above the maximum 0.0",
                "OptionSpec.number(\"a\", 0.0 / 0, 0, 2, \"\")|must be from 0 to 2, not NaN",
                "new OptionSpec(\"a\", OptionSpec.Type.CHOICE, \"x\", 0, 0, List.of(), \"\")"
                        + "|a is a choice without choices",
                "new OptionSpec(\"a\", OptionSpec.Type.CHOICE, \"x\", 0, 0, List.of(\"y\"), \"\")"
                        + "|must be one of [y], not 'x'",
                "OptionSpec.text(\"No Name\", \"\", \"\")|lower snake case",
                "(OptionSpec) null|NullPointerException"
            })
    void optionsDeclaredBadlyAreRefusedBeforeAnythingIsReplaced(String options, String what) {
        String method = "public List<OptionSpec> options() { return List.of(%s); }\n";
        invalid(declaring(method.formatted(options)), what);
    }

    @Test
    void optionsThatHangAreRefusedInTime() {
        String method = "public List<OptionSpec> options() { while (true) { " + DOZE + " } }\n";
        var e = DemoServer.refusal(() -> plugins.install(jar("picky", declaring(method))));
        reported(e, "PLUGIN_TIMEOUT", "its loading has said nothing for 2 s");
    }

    private static String declaring(String method) {
        return PluginJars.selector("Picky", "picky", "return null;")
                .replace("public String name()", method + "public String name()");
    }

    private void invalid(String source, String what) {
        var e = DemoServer.refusal(() -> plugins.install(jar("picky", source)));
        assertThat(e.getStatus().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(TestApi.reason(e)).isEqualTo("PLUGIN_INVALID");
        assertThat(e.getStatus().getDescription()).contains("test-picky 1.2.3", what);
        assertThat(plugins.list()).noneMatch(p -> p.getPluginId().equals("test-picky"));
    }

    @Test
    void oneThatWasBuiltForAnotherSpiIsRefused() throws IOException {
        Path old = folder.resolve("old.jar");
        PluginJars.buildAgainst(
                "NegativeSelector",
                "package dev.plumbline.spi; public interface NegativeSelector"
                        + " extends org.pf4j.ExtensionPoint { String name(); }",
                old,
                PluginJars.manifest("test-picky"),
                "Picky",
                "public class Picky implements dev.plumbline.spi.NegativeSelector {"
                        + " public String name() { return \"picky\"; } }");
        anotherSpi(old, "built for another SPI than the server's", "no open(Workshop, Options)");
        Path future = folder.resolve("future.jar");
        PluginJars.build(
                future,
                "Picky",
                PluginJars.selector("Picky", "picky", "return null;"),
                List.of("Picky"),
                Map.of(
                        "Plugin-Id", "test-picky",
                        "Plugin-Version", "1.2.3",
                        "Plugin-Requires", ">=2.0.0"));
        anotherSpi(future, "built for another SPI", "requires >=2.0.0");
    }

    private void anotherSpi(Path jar, String... what) {
        var e = DemoServer.refusal(() -> plugins.install(jar));
        assertThat(TestApi.reason(e)).isEqualTo("PLUGIN_INVALID");
        assertThat(e.getStatus().getDescription()).contains(what);
    }

    @Test
    void anOptionThatIsUnknownOrOutOfRangeIsToldTheValidOnes() {
        String method =
                "public List<OptionSpec> options() { return List.of("
                        + "OptionSpec.integer(\"width\", 4, 1, 9, \"Its width.\"),"
                        + "OptionSpec.choice(\"mode\", List.of(\"fast\", \"good\"), \"How.\")); }\n";
        plugins.install(jar("picky", declaring(method)));
        refusedOption(
                "luck", "1", "UNKNOWN_OPTION", "width (integer from 1 to 9)", "mode (fast, good)");
        refusedOption("width", "10", "OPTION_OUT_OF_RANGE", "must be from 1 to 9, not 10");
        refusedOption("width", "1.5", "OPTION_NOT_A_NUMBER", "whole number from 1 to 9");
        refusedOption("mode", "bad", "OPTION_NOT_A_CHOICE", "one of [fast, good]");
        plugins.uninstall("test-picky");
    }

    private void refusedOption(String name, String value, String reason, String... what) {
        var spec =
                TrainingSpec.newBuilder()
                        .setSelector("picky")
                        .setPool(TestApi.demo().resolve("data/pool").toString())
                        .putSelectorOptions(name, value);
        StatusRuntimeException e = DemoServer.refusal(() -> plan(spec));
        assertThat(e.getStatus().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(TestApi.reason(e)).isEqualTo(reason);
        assertThat(e.getStatus().getDescription()).contains(what).contains("picky");
    }
}
