package dev.plumbline.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.server.plugin.PluginJars;
import dev.plumbline.v1.CreateRunRequest;
import dev.plumbline.v1.Plugin;
import dev.plumbline.v1.PluginOption;
import dev.plumbline.v1.Run;
import dev.plumbline.v1.RunEvent;
import dev.plumbline.v1.TrainingSpec;
import dev.plumbline.v1.WatchRunRequest;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The template project of the plugin guide compiles against this SPI, and this server takes it. */
@QuarkusTest
@TestProfile(PluginTestServer.class)
class PluginTemplateTest {
    @GrpcClient("plumbline")
    Channel channel;

    @TempDir Path folder;
    private DemoServer server;
    private PluginCalls plugins;

    private static Path root() {
        return TestApi.demo().resolve("../..").normalize();
    }

    private static Path template() {
        return root().resolve("docs/plugin-template");
    }

    @BeforeEach
    void install() throws IOException {
        server = new DemoServer(channel);
        server.loadModel();
        plugins = new PluginCalls(channel);
        Path jar = folder.resolve("template.jar");
        PluginJars.buildProject(
                template(),
                jar,
                Map.of(
                        "Plugin-Id", "my-plugin",
                        "Plugin-Version", "1.0.0",
                        "Plugin-Requires", property("plumbline.spi.requires")));
        plugins.install(jar);
    }

    @Test
    void offersASelectorAndALoss() {
        assertThat(plugins.list())
                .filteredOn(p -> p.getPluginId().equals("my-plugin"))
                .extracting(Plugin::getName)
                .containsExactly("plugins/hinge", "plugins/tempting");
        assertThat(plugins.list())
                .filteredOn(p -> p.getName().equals("plugins/tempting"))
                .flatExtracting(Plugin::getOptionsList)
                .extracting(PluginOption::getName)
                .containsExactly("sampling", "temperature", "balance");
    }

    /** At the start policy and reference are one, so that a row costs the margin. */
    @Test
    void theLossTrains() {
        TrainingSpec spec =
                spec().setLoss("hinge").putLossOptions("hinge.margin", "2").setMaxSteps(1).build();
        Run run = server.training().createRun(CreateRunRequest.newBuilder().setSpec(spec).build());
        List<RunEvent> events = new ArrayList<>();
        server.training()
                .watchRun(WatchRunRequest.newBuilder().setName(run.getName()).build())
                .forEachRemaining(events::add);
        assertThat(events.getLast().getRun().getState()).isEqualTo(Run.State.SUCCEEDED);
        assertThat(events)
                .filteredOn(RunEvent::hasStep)
                .singleElement()
                .satisfies(e -> assertThat(e.getStep().getLoss()).isCloseTo(2, within(1e-6)));
    }

    @Test
    void theSelectorSaysThatItNeedsEmbeddings() {
        String pool = TestApi.demo().resolve("data/pool").toString();
        StatusRuntimeException e =
                DemoServer.refusal(() -> new NegativeCalls(channel).preview(pool, "tempting"));
        assertThat(TestApi.reason(e)).isEqualTo("CLIP_MISSING");
    }

    private TrainingSpec.Builder spec() {
        return TrainingSpec.newBuilder()
                .setModel(DemoServer.MODEL)
                .setData(DemoServer.rows(folder, 2).toString());
    }

    @Test
    void itsPomAsksForWhatThisBuildHas() throws IOException {
        String pom = Files.readString(root().resolve("pom.xml"));
        assertThat(pom).contains("<version>" + property("plumbline.version") + "</version>");
        assertThat(pom).contains("<pf4j.version>" + property("pf4j.version") + "</pf4j.version>");
    }

    private static String property(String name) throws IOException {
        String pom = Files.readString(template().resolve("pom.xml"));
        Matcher matcher = Pattern.compile("<%s>([^<]+)</".formatted(name)).matcher(pom);
        assertThat(matcher.find()).as(name).isTrue();
        return matcher.group(1).replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&");
    }
}
