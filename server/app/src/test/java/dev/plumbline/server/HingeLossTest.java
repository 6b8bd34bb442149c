package dev.plumbline.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.server.plugin.PluginJars;
import dev.plumbline.v1.CreateRunRequest;
import dev.plumbline.v1.Run;
import dev.plumbline.v1.RunEvent;
import dev.plumbline.v1.TrainingSpec;
import dev.plumbline.v1.WatchRunRequest;
import io.grpc.Channel;
import io.grpc.Status.Code;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Losses in jars that only this test builds: one that trains, and two that misbehave. */
@QuarkusTest
@TestProfile(HingeLossTest.StrangePlugins.class)
class HingeLossTest {
    @GrpcClient("plumbline")
    Channel channel;

    @TempDir Path folder;
    private DemoServer server;

    @BeforeEach
    void load() {
        server = new DemoServer(channel);
        server.loadModel();
    }

    @Test
    void trains() {
        List<RunEvent> events = run(spec("hinge").setEpochs(8).setBatchSize(4));
        Run run = events.getLast().getRun();
        assertThat(run.getState()).as(run.getError()).isEqualTo(Run.State.SUCCEEDED);
        List<Double> losses =
                events.stream().filter(RunEvent::hasStep).map(e -> e.getStep().getLoss()).toList();
        // At the start policy and reference are one, so that max(0, 1 - 0) is 1, but for last bits.
        assertThat(losses.getFirst()).isCloseTo(1.0, within(1e-4));
        assertThat(losses.getLast()).isBetween(0.0, 0.9999);
        assertThat(losses).hasSize(8);
    }

    @Test
    void aLossThatThrowsIsNamedAndTheServerStaysWell() {
        var request = CreateRunRequest.newBuilder().setSpec(spec("thrower")).build();
        var e = DemoServer.refusal(() -> server.training().createRun(request));
        assertThat(e.getStatus().getCode()).isNotEqualTo(Code.INTERNAL);
        assertThat(e.getStatus().getDescription()).contains("thrower");
        assertThat(DemoServer.text(server.generate(DemoServer.question(DemoServer.image(0)))))
                .isNotBlank();
    }

    @Test
    void aLossThatIsNotANumberEndsTheRunByName() {
        Run run = run(spec("nan").setMaxSteps(2)).getLast().getRun();
        assertThat(run.getState()).isEqualTo(Run.State.FAILED);
        assertThat(run.getError()).contains("nan", "not a finite number");
        assertThat(run.getAdapter()).isEmpty();
    }

    private List<RunEvent> run(TrainingSpec.Builder spec) {
        Run run = server.training().createRun(CreateRunRequest.newBuilder().setSpec(spec).build());
        var events = new ArrayList<RunEvent>();
        server.training()
                .watchRun(WatchRunRequest.newBuilder().setName(run.getName()).build())
                .forEachRemaining(events::add);
        return events;
    }

    private TrainingSpec.Builder spec(String loss) {
        return TrainingSpec.newBuilder()
                .setModel(DemoServer.MODEL)
                .setData(DemoServer.rows(folder, 4).toString())
                .setOutput(folder.resolve("out").toString())
                .setLoss(loss)
                .setRank(4)
                .setAlpha(8)
                .setSchedule("constant")
                .setLearningRate(1e-3);
    }

    /** The built plugins and three more. */
    public static final class StrangePlugins implements QuarkusTestProfile {
        private static final String HINGE =
                "row.chosenLogps().minus(row.rejectedLogps())"
                        + ".minus(row.referenceChosenLogps().minus(row.referenceRejectedLogps()))"
                        + ".negated().plus(1).relu()";

        @Override
        public Map<String, String> getConfigOverrides() {
            Path folder = PluginFolders.built(name -> true);
            add(folder, "Hinge", "hinge", HINGE);
            add(folder, "Thrower", "thrower", "(Expression) (Object) Integer.valueOf(1)");
            add(folder, "NotANumber", "nan", "row.chosenLogps().log()");
            return Map.of("plumbline.plugins.dir", folder.toString());
        }

        private static void add(Path folder, String type, String name, String expression) {
            try {
                PluginJars.build(
                        folder.resolve(name + ".jar"),
                        type,
                        PluginJars.loss(type, name, expression),
                        List.of(type),
                        PluginJars.manifest("loss-" + name));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
