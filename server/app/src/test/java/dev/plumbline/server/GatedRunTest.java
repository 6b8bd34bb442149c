package dev.plumbline.server;

import static dev.plumbline.server.DemoServer.MODEL;
import static dev.plumbline.server.DemoServer.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.v1.Alarm;
import dev.plumbline.v1.CreateRunRequest;
import dev.plumbline.v1.GetRunRequest;
import dev.plumbline.v1.Run;
import dev.plumbline.v1.RunEvent;
import dev.plumbline.v1.StepMetrics;
import dev.plumbline.v1.TrainingSpec;
import dev.plumbline.v1.WatchRunRequest;
import io.grpc.Channel;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs that are examined with POPE's questions, and runs that sound alarms, as a client sees it.
 */
@QuarkusTest
class GatedRunTest {
    private static final int QUESTIONS = 24;

    @GrpcClient("plumbline")
    Channel channel;

    @TempDir Path folder;
    private DemoServer server;

    @BeforeEach
    void load() {
        server = new DemoServer(channel);
        server.loadModel();
    }

    private TrainingSpec.Builder spec() throws IOException {
        Path dev = TestApi.demo().resolve("data/dev");
        List<String> lines = Files.readAllLines(dev.resolve("pope_random.jsonl"));
        Path questions = folder.resolve("pope.jsonl");
        Files.write(questions, lines.subList(0, QUESTIONS));
        return TrainingSpec.newBuilder()
                .setModel(MODEL)
                .setData(DemoServer.rows(folder, 8).toString())
                .setSelector("random")
                .setPool(TestApi.demo().resolve("data/pool").toString())
                .setRank(4)
                .setAlpha(8)
                .setBatchSize(4)
                .setMaxSteps(4)
                .setEpochs(2)
                .setOutput(folder.resolve("out").toString())
                .setGateData(questions.toString())
                .setGateImages(dev.resolve("images").toString())
                .setGateEvery(2);
    }

    private Run create(TrainingSpec.Builder spec) {
        return server.training().createRun(CreateRunRequest.newBuilder().setSpec(spec).build());
    }

    private List<RunEvent> events(Run run) {
        var request = WatchRunRequest.newBuilder().setName(run.getName()).build();
        var events = new ArrayList<RunEvent>();
        server.training().watchRun(request).forEachRemaining(events::add);
        return events;
    }

    private static List<StepMetrics> steps(List<RunEvent> events) {
        return events.stream().filter(RunEvent::hasStep).map(RunEvent::getStep).toList();
    }

    @Test
    void aRunIsExaminedAndItsBestAdapterKept() throws IOException {
        List<RunEvent> events = events(create(spec()));
        Run run = events.getLast().getRun();
        assertThat(run.getState()).as(run.getError()).isEqualTo(Run.State.SUCCEEDED);
        assertThat(run.getSpec().getGateMetric()).isEqualTo("accuracy");
        assertThat(run.getSpec().getKeepBest()).isTrue();
        List<StepMetrics> steps = steps(events);
        assertThat(steps).hasSize(4);
        assertThat(steps.stream().filter(s -> s.getGateCount() > 0).map(StepMetrics::getStep))
                .containsExactly(2, 4);
        double accuracy = steps.get(1).getGateOrThrow("accuracy");
        // Whole answers out of so many, better than chance: the demo's model sees.
        assertThat(accuracy * QUESTIONS).isEqualTo(Math.rint(accuracy * QUESTIONS));
        assertThat(accuracy).isGreaterThan(0.5);
        assertThat(steps.getLast().getTokensPerSecond()).isPositive();
        assertThat(steps.getLast().getAccuracies()).isBetween(0.0, 1.0);
        Path output = folder.resolve("out");
        assertThat(output.resolve("best")).isDirectoryContaining("glob:**.safetensors");
        assertThat(output).isDirectoryContaining("glob:**/events.out.tfevents.plumbline");
        assertThat(Files.readAllLines(output.resolve("metrics.jsonl")).get(1))
                .contains("\"gate_accuracy\":" + accuracy);
    }

    /** A learning rate of nothing changes nothing, so that the second examination is no better. */
    @Test
    void aRunStopsEarly() throws IOException {
        TrainingSpec.Builder spec =
                spec().setLearningRate(1e-12).setGateEvery(1).setEarlyStopPatience(1);
        List<RunEvent> events = events(create(spec));
        Run run = events.getLast().getRun();
        assertThat(run.getState()).as(run.getError()).isEqualTo(Run.State.SUCCEEDED);
        assertThat(run.getStepsDone()).isEqualTo(2);
        List<StepMetrics> steps = steps(events);
        assertThat(steps.get(1).getGateMap()).isEqualTo(steps.get(0).getGateMap());
    }

    @Test
    void whatIsWrongWithTheQuestionsIsSaidBeforeTheRun() throws IOException {
        TrainingSpec.Builder none = spec().setGateData(folder.resolve("none.jsonl").toString());
        var e = refusal(() -> create(none));
        assertThat(TestApi.field(e)).isEqualTo("spec.gate_data");
        TrainingSpec.Builder elsewhere = spec().setGateImages(folder.toString());
        e = refusal(() -> create(elsewhere));
        assertThat(TestApi.field(e)).isEqualTo("spec.gate_images");
        assertThat(e.getStatus().getDescription()).contains("0000.jpg");
        TrainingSpec.Builder never = spec().setGateEvery(0);
        e = refusal(() -> create(never));
        assertThat(TestApi.field(e)).isEqualTo("spec.gate_every");
        TrainingSpec.Builder strange = spec().setGateMetric("bleu");
        e = refusal(() -> create(strange));
        assertThat(TestApi.field(e)).isEqualTo("spec.gate_metric");
        TrainingSpec.Builder without = spec().clearGateData();
        e = refusal(() -> create(without));
        assertThat(TestApi.field(e)).isEqualTo("spec.gate_data");
    }

    /** Eight rows, one negative for all of them. */
    @Test
    void anAlarmIsInTheStreamAndInTheRun() throws IOException {
        Path pool = Files.createDirectories(folder.resolve("pool"));
        Files.copy(TestApi.demo().resolve("data/pool/0000.jpg"), pool.resolve("0000.jpg"));
        TrainingSpec.Builder spec =
                spec().clearGateData()
                        .clearGateImages()
                        .setPool(pool.toString())
                        .setK(1)
                        .setMaxSteps(2);
        List<RunEvent> events = events(create(spec));
        Run run = events.getLast().getRun();
        assertThat(run.getState()).as(run.getError()).isEqualTo(Run.State.SUCCEEDED);
        List<Alarm> alarms = steps(events).getLast().getAlarmsList();
        assertThat(alarms).extracting(Alarm::getName).containsExactly("negatives_collapse");
        var request = GetRunRequest.newBuilder().setName(run.getName()).build();
        assertThat(server.training().getRun(request).getAlarmsList()).isEqualTo(alarms);
    }
}
