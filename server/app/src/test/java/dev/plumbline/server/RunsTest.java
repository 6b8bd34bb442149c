package dev.plumbline.server;

import static dev.plumbline.server.DemoServer.MODEL;
import static dev.plumbline.server.DemoServer.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.v1.CancelRunRequest;
import dev.plumbline.v1.CreateRunRequest;
import dev.plumbline.v1.GetRunRequest;
import dev.plumbline.v1.ListRunsRequest;
import dev.plumbline.v1.LoadAdapterRequest;
import dev.plumbline.v1.ResumeRunRequest;
import dev.plumbline.v1.Run;
import dev.plumbline.v1.RunEvent;
import dev.plumbline.v1.TrainingSpec;
import dev.plumbline.v1.UnloadModelRequest;
import dev.plumbline.v1.WatchRunRequest;
import io.grpc.Channel;
import io.grpc.Status.Code;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small runs on the demo's model, from request to adapter. */
@QuarkusTest
class RunsTest {
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
    void trainsAnAdapterThatCanBeLoaded() throws IOException {
        Path output = folder.resolve("out");
        TrainingSpec.Builder spec =
                spec(6).setOutput(output.toString()).setBatchSize(2).setMaxSteps(2);
        Run created = create(spec);
        assertThat(created.getName()).matches("runs/[0-9a-f-]{36}");
        assertThat(created.getStepsTotal()).isEqualTo(2);
        assertThat(created.getSpec().getSchedule()).isEqualTo("cosine");
        List<RunEvent> events = watch(created.getName());
        Run run = events.getLast().getRun();
        assertThat(run.getState()).as(run.getError()).isEqualTo(Run.State.SUCCEEDED);
        assertThat(run.getAdapter()).isEqualTo(output.toString());
        assertThat(run.getStepsDone()).isEqualTo(2);
        assertThat(run.hasEndTime()).isTrue();
        assertThat(events.stream().filter(RunEvent::hasStep).map(e -> e.getStep().getStep()))
                .containsExactly(1, 2);
        assertThat(run.getLast().getLoss()).isBetween(0.1, 10.0);
        assertThat(output).isDirectoryContaining("glob:**/adapter_model.safetensors");
        assertThat(Files.readAllLines(output.resolve("metrics.jsonl"))).hasSize(2);
        JsonNode mined =
                new ObjectMapper()
                        .readTree(Files.readAllLines(output.resolve("negatives.jsonl")).getFirst());
        assertThat(mined.get("negative_images")).hasSize(3);
        assertThat(mined.get("negative_images").get(0).get("selector").asText())
                .isEqualTo("random");
        var adapter =
                server.adapters()
                        .loadAdapter(
                                LoadAdapterRequest.newBuilder()
                                        .setModel(MODEL)
                                        .setPath(output.toString())
                                        .setAdapterId("trained")
                                        .build());
        assertThat(adapter.getRank()).isEqualTo(4);
        var source =
                LoadAdapterRequest.newBuilder()
                        .setModel(MODEL)
                        .setSource(created.getName())
                        .setAdapterId("of-run");
        assertThat(server.adapters().loadAdapter(source.build()).getDigest())
                .isEqualTo(adapter.getDigest());
        assertThat(watch(created.getName())).hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    void plansWithoutMaking() throws IOException {
        int before = count();
        var request =
                CreateRunRequest.newBuilder()
                        .setSpec(spec(6).setBatchSize(4).setEpochs(3))
                        .setValidateOnly(true)
                        .build();
        Run planned = server.training().createRun(request);
        assertThat(planned.getName()).isEmpty();
        assertThat(planned.getPlan().getRows()).isEqualTo(6);
        assertThat(planned.getPlan().getSteps()).isEqualTo(6);
        assertThat(planned.getPlan().getImageTokensPerImage()).isEqualTo(36);
        assertThat(planned.getPlan().getPeakMemoryBytes()).isPositive();
        assertThat(planned.getPlan().getProblemsList()).isEmpty();
        assertThat(count()).isEqualTo(before);
    }

    @Test
    void rowsWithoutNegativesAreRefusedByALossThatNeedsThem() throws IOException {
        TrainingSpec.Builder spec = spec(3).clearSelector().clearPool();
        var e = refusal(() -> create(spec));
        assertThat(e.getStatus().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(TestApi.field(e)).isEqualTo("spec.data");
        assertThat(e.getStatus().getDescription()).contains("line 1");
    }

    @Test
    void aRowWhoseImageIsMissingIsNamed() throws IOException {
        Path rows = folder.resolve("missing.jsonl");
        Files.writeString(
                rows,
                """
                {"image": "nowhere.jpg", "prompt": "a", "chosen": "b", "rejected": "c"}
                """);
        var e = refusal(() -> create(spec(1).setData(rows.toString())));
        assertThat(TestApi.reason(e)).isEqualTo("IMAGE_NOT_FOUND");
        assertThat(TestApi.field(e)).isEqualTo("spec.data");
        assertThat(e.getStatus().getDescription()).contains("nowhere.jpg", "line 1");
        e = refusal(() -> create(spec(1).setData(folder.resolve("none.jsonl").toString())));
        assertThat(TestApi.field(e)).isEqualTo("spec.data");
        e = refusal(() -> create(spec(1).setPool(folder.resolve("none").toString())));
        assertThat(TestApi.field(e)).isEqualTo("spec.pool");
        e = refusal(() -> create(spec(1).setK(100_000)));
        assertThat(TestApi.field(e)).isEqualTo("spec.k");
        e = refusal(() -> create(spec(1).addTargets("no_such_proj")));
        assertThat(e.getStatus().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(TestApi.field(e)).isEqualTo("spec.targets");
    }

    @Test
    void anAdapterToStartFromDecides() throws IOException {
        Path cure = TestApi.demo().resolve("adapter");
        TrainingSpec.Builder spec = spec(2).setInitAdapter(cure.toString()).setRank(3);
        var e = refusal(() -> create(spec));
        assertThat(TestApi.reason(e)).isEqualTo("INIT_ADAPTER_DIFFERS");
        assertThat(TestApi.field(e)).isEqualTo("spec.rank");
        spec.clearRank().clearAlpha().setUseRslora(true);
        assertThat(TestApi.field(refusal(() -> create(spec)))).isEqualTo("spec.use_rslora");
        spec.clearUseRslora().setTargetPattern(".*q_proj").clearTargets();
        assertThat(TestApi.field(refusal(() -> create(spec)))).isEqualTo("spec.target_pattern");
        spec.clearTargetPattern().clearAlpha().setMaxSteps(1);
        Run run = watch(create(spec).getName()).getLast().getRun();
        assertThat(run.getState()).as(run.getError()).isEqualTo(Run.State.SUCCEEDED);
    }

    @Test
    void anAdapterIsShapedAsPeftShapesIt() throws IOException {
        Path output = folder.resolve("shaped");
        TrainingSpec.Builder spec =
                spec(2).clearTargets()
                        .setTargetPattern(".*language_model.*(q|v)_proj")
                        .addExcludeModules("layers.0.self_attn.q_proj")
                        .setUseRslora(true)
                        .setLoraDropout(0.25)
                        .setMaxSteps(1)
                        .setOutput(output.toString());
        spec.addRankPatternBuilder().setPattern("v_proj").setRank(2);
        spec.addAlphaPatternBuilder().setPattern("layers\\.1\\..*").setAlpha(5);
        Run created = create(spec);
        assertThat(created.getSpec().getUseRslora()).isTrue();
        assertThat(created.getSpec().getRankPatternList()).isEqualTo(spec.getRankPatternList());
        Run run = watch(created.getName()).getLast().getRun();
        assertThat(run.getState()).as(run.getError()).isEqualTo(Run.State.SUCCEEDED);
        String config = Files.readString(output.resolve("adapter_config.json"));
        assertThat(config).contains("\"use_rslora\": true", "\"lora_dropout\": 0.25");
        TrainingSpec.Builder both = spec.clone().addTargets("q_proj");
        assertThat(TestApi.field(refusal(() -> create(both)))).isEqualTo("spec.targets");
    }

    @Test
    void oneRequestIdMakesOneRun() throws IOException {
        String id = UUID.randomUUID().toString();
        TrainingSpec.Builder spec = spec(2).setMaxSteps(1);
        var request = CreateRunRequest.newBuilder().setSpec(spec).setRequestId(id);
        Run first = server.training().createRun(request.build());
        Run second = server.training().createRun(request.build());
        assertThat(second.getName()).isEqualTo(first.getName());
        var other = request.setSpec(spec.setSeed(99)).build();
        var e = refusal(() -> server.training().createRun(other));
        assertThat(TestApi.reason(e)).isEqualTo("REQUEST_ID_REUSED");
        watch(first.getName());
    }

    @Test
    void runsWaitForTheirTurnAndCanBeCancelled() throws IOException {
        TrainingSpec.Builder spec = spec(40).setBatchSize(4).setEpochs(1000);
        Run running = create(spec.clone());
        Run waiting = create(spec.clone());
        var stream = server.training().watchRun(watchRequest(running.getName()));
        while (!stream.next().hasStep()) {
            // Until the first run is under way.
        }
        assertThat(get(waiting.getName()).getState()).isEqualTo(Run.State.QUEUED);
        var busy = UnloadModelRequest.newBuilder().setName(MODEL).build();
        var e = refusal(() -> server.models().unloadModel(busy));
        assertThat(TestApi.reason(e)).isEqualTo("MODEL_IN_USE");
        assertThat(cancel(waiting.getName()).getState()).isEqualTo(Run.State.CANCELLED);
        cancel(running.getName());
        Run ended = null;
        while (stream.hasNext()) {
            ended = stream.next().getRun();
        }
        assertThat(ended).isNotNull();
        assertThat(ended.getState()).isEqualTo(Run.State.CANCELLED);
        assertThat(ended.getAdapter()).isEmpty();
        assertThat(cancel(running.getName()).getState()).isEqualTo(Run.State.CANCELLED);
        var page = server.training().listRuns(ListRunsRequest.newBuilder().setPageSize(2).build());
        assertThat(page.getRunsList())
                .extracting(Run::getName)
                .containsExactly(waiting.getName(), running.getName());
    }

    @Test
    void aCancelledRunGoesOnToTheBytesOfOneThatWasNot() throws IOException {
        TrainingSpec.Builder spec = spec(12).setBatchSize(4).setMaxSteps(30).setEpochs(100);
        Path whole = folder.resolve("whole");
        Run uninterrupted = create(spec.clone().setOutput(whole.toString()));
        assertThat(watch(uninterrupted.getName()).getLast().getRun().getState())
                .isEqualTo(Run.State.SUCCEEDED);
        var e = refusal(() -> resume(uninterrupted.getName()));
        assertThat(TestApi.reason(e)).isEqualTo("RUN_COMPLETE");
        Path stopped = folder.resolve("stopped");
        Run run = create(spec.clone().setOutput(stopped.toString()));
        var stream = server.training().watchRun(watchRequest(run.getName()));
        while (stream.next().getStep().getStep() < 5) {
            // Until some steps are made.
        }
        var early = refusal(() -> resume(run.getName()));
        assertThat(TestApi.reason(early)).isEqualTo("RUN_NOT_ENDED");
        cancel(run.getName());
        stream.forEachRemaining(event -> {});
        Run cancelled = get(run.getName());
        assertThat(cancelled.getState()).isEqualTo(Run.State.CANCELLED);
        assertThat(cancelled.getStepsDone()).isBetween(5, 29);
        assertThat(resume(run.getName()).getState()).isEqualTo(Run.State.QUEUED);
        List<RunEvent> events = watch(run.getName());
        assertThat(events.getLast().getRun().getState()).isEqualTo(Run.State.SUCCEEDED);
        assertThat(events.stream().filter(RunEvent::hasStep).map(s -> s.getStep().getStep()))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 30).boxed().toList());
        for (String file : List.of("adapter_model.safetensors", "negatives.jsonl")) {
            assertThat(stopped.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
        }
    }

    private Run resume(String name) {
        return server.training().resumeRun(ResumeRunRequest.newBuilder().setName(name).build());
    }

    @Test
    void twoRunsDoNotShareAnOutput() throws IOException {
        TrainingSpec.Builder spec =
                spec(40).setEpochs(1000).setOutput(folder.resolve("shared").toString());
        Run first = create(spec.clone());
        var e = refusal(() -> create(spec.clone().setSeed(5)));
        assertThat(TestApi.reason(e)).isEqualTo("OUTPUT_IN_USE");
        cancel(first.getName());
        watch(first.getName());
        Path file = Files.writeString(folder.resolve("file"), "");
        e = refusal(() -> create(spec.clone().setOutput(file.resolve("in").toString())));
        assertThat(TestApi.field(e)).isEqualTo("spec.output");
    }

    private TrainingSpec.Builder spec(int rows) {
        Path pool = TestApi.demo().resolve("data/pool");
        return TrainingSpec.newBuilder()
                .setModel(MODEL)
                .setData(DemoServer.rows(folder, rows).toString())
                .setSelector("random")
                .setPool(pool.toString())
                .setRank(4)
                .setAlpha(8)
                .setLearningRate(1e-3);
    }

    private Run create(TrainingSpec.Builder spec) {
        return server.training().createRun(CreateRunRequest.newBuilder().setSpec(spec).build());
    }

    private Run get(String name) {
        return server.training().getRun(GetRunRequest.newBuilder().setName(name).build());
    }

    private Run cancel(String name) {
        return server.training().cancelRun(CancelRunRequest.newBuilder().setName(name).build());
    }

    private int count() {
        return server.training()
                .listRuns(ListRunsRequest.newBuilder().setPageSize(1000).build())
                .getRunsCount();
    }

    private List<RunEvent> watch(String name) {
        var events = new ArrayList<RunEvent>();
        server.training().watchRun(watchRequest(name)).forEachRemaining(events::add);
        return events;
    }

    private static WatchRunRequest watchRequest(String name) {
        return WatchRunRequest.newBuilder().setName(name).build();
    }
}
