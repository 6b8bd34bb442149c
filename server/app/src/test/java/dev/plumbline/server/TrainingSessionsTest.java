package dev.plumbline.server;

import static dev.plumbline.server.DemoServer.MODEL;
import static dev.plumbline.server.DemoServer.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.v1.CloseTrainingSessionRequest;
import dev.plumbline.v1.CreateRunRequest;
import dev.plumbline.v1.CreateTrainingSessionRequest;
import dev.plumbline.v1.ForwardBackwardRequest;
import dev.plumbline.v1.ForwardBackwardResponse;
import dev.plumbline.v1.LoadStateRequest;
import dev.plumbline.v1.OptimStepRequest;
import dev.plumbline.v1.OptimStepResponse;
import dev.plumbline.v1.Run;
import dev.plumbline.v1.RunEvent;
import dev.plumbline.v1.SaveStateRequest;
import dev.plumbline.v1.SaveStateResponse;
import dev.plumbline.v1.StepMetrics;
import dev.plumbline.v1.TrainingServiceGrpc.TrainingServiceBlockingStub;
import dev.plumbline.v1.TrainingSpec;
import dev.plumbline.v1.WatchRunRequest;
import io.grpc.Channel;
import io.grpc.Status.Code;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loops over the parts of a run, from the client's side. */
@QuarkusTest
class TrainingSessionsTest {
    private static final int ROWS = 6;
    private static final int BATCH = 2;

    @GrpcClient("plumbline")
    Channel channel;

    @TempDir Path folder;
    private TrainingServiceBlockingStub training;
    private final List<String> open = new ArrayList<>();

    @BeforeEach
    void load() {
        DemoServer server = new DemoServer(channel);
        server.loadModel();
        training = server.training();
    }

    @AfterEach
    void closeAll() {
        open.forEach(this::close);
    }

    private TrainingSpec.Builder spec() {
        return TrainingSpec.newBuilder()
                .setModel(MODEL)
                .setData(DemoServer.rows(folder, ROWS).toString())
                .setLoss("dpo")
                .setRank(4)
                .setAlpha(8)
                .setBatchSize(BATCH)
                .setOrder("as-is")
                .setEpochs(2)
                .setLearningRate(1e-3);
    }

    private String create(TrainingSpec.Builder spec) {
        var request = CreateTrainingSessionRequest.newBuilder().setSpec(spec).build();
        String name = training.createTrainingSession(request).getName();
        open.add(name);
        return name;
    }

    private void close(String name) {
        training.closeTrainingSession(
                CloseTrainingSessionRequest.newBuilder().setSession(name).build());
    }

    private static ForwardBackwardRequest.Builder rows(String session, Integer... rows) {
        return ForwardBackwardRequest.newBuilder().setSession(session).addAllRows(List.of(rows));
    }

    private ForwardBackwardResponse pass(ForwardBackwardRequest.Builder request) {
        return training.forwardBackward(request.build());
    }

    private OptimStepResponse step(String session, double learningRate) {
        return training.optimStep(
                OptimStepRequest.newBuilder()
                        .setSession(session)
                        .setLearningRate(learningRate)
                        .build());
    }

    private SaveStateResponse save(String session, String output) {
        return training.saveState(
                SaveStateRequest.newBuilder()
                        .setSession(session)
                        .setOutput(folder.resolve(output).toString())
                        .build());
    }

    private List<StepMetrics> run(TrainingSpec.Builder spec, String output) {
        spec.setOutput(folder.resolve(output).toString());
        Run run = training.createRun(CreateRunRequest.newBuilder().setSpec(spec).build());
        List<RunEvent> events = new ArrayList<>();
        training.watchRun(WatchRunRequest.newBuilder().setName(run.getName()).build())
                .forEachRemaining(events::add);
        Run ended = events.getLast().getRun();
        assertThat(ended.getState()).as(ended.getError()).isEqualTo(Run.State.SUCCEEDED);
        return events.stream().filter(RunEvent::hasStep).map(RunEvent::getStep).toList();
    }

    private Path adapter(String output) {
        return folder.resolve(output).resolve("adapter_model.safetensors");
    }

    @Test
    void aLoopEndsWithTheBytesOfTheRun() {
        List<StepMetrics> run = run(spec(), "run");
        assertThat(run).hasSize(6);
        String session = create(spec());
        String other = create(spec());
        for (StepMetrics step : run) {
            int first = (step.getStep() - 1) * BATCH % ROWS;
            var pass = pass(rows(session, first, first + 1));
            assertThat(pass.getLoss()).isEqualTo(step.getLoss());
            assertThat(pass.getTextLoss()).isEqualTo(step.getTextLoss());
            assertThat(pass.getRowsList()).hasSize(2);
            assertThat(step(session, step.getLearningRate()).getGradNorm())
                    .isEqualTo(step.getGradNorm());
            if (step.getStep() == 3) {
                String state = save(session, "half").getState();
                training.loadState(
                        LoadStateRequest.newBuilder().setSession(other).setPath(state).build());
                session = other;
            }
        }
        assertThat(save(session, "loop").getSteps()).isEqualTo(6);
        assertThat(adapter("loop")).hasSameBinaryContentAs(adapter("run"));
    }

    @Test
    void aLossOfTheClientsOwnTrains() {
        String session = create(spec());
        double before = 0;
        double after = 0;
        for (int i = 0; i < 4; i++) {
            var logps = pass(rows(session, 0).setLogProbabilitiesOnly(true)).getRows(0).getPolicy();
            before = i == 0 ? logps.getChosen() : before;
            after = logps.getChosen();
            var request = rows(session, 0);
            request.addDerivativesBuilder().setChosen(-1);
            assertThat(pass(request)).isEqualTo(ForwardBackwardResponse.getDefaultInstance());
            assertThat(step(session, 1e-3).getUpdated()).isTrue();
        }
        assertThat(after).isGreaterThan(before);
    }

    @Test
    void whatCannotBeDoneIsRefused() {
        var unknown = refusal(() -> step("trainingSessions/none", 1e-3));
        assertThat(unknown.getStatus().getCode()).isEqualTo(Code.NOT_FOUND);
        assertThat(TestApi.reason(unknown)).isEqualTo("SESSION_NOT_FOUND");
        String session = create(spec());
        assertThat(TestApi.reason(refusal(() -> step(session, 1e-3)))).isEqualTo("NO_GRADIENTS");
        var e = refusal(() -> pass(rows(session, ROWS)));
        assertThat(TestApi.reason(e)).isEqualTo("ROW_OUT_OF_RANGE");
        assertThat(TestApi.field(e)).isEqualTo("rows");
        var wrong = rows(session, 0);
        wrong.addDerivativesBuilder().setChosen(1).addNegatives(1);
        assertThat(TestApi.reason(refusal(() -> pass(wrong)))).isEqualTo("DERIVATIVES_MISMATCH");
        var notFinite = rows(session, 0);
        notFinite.addDerivativesBuilder().setChosen(Double.NaN);
        e = refusal(() -> pass(notFinite));
        assertThat(TestApi.reason(e)).isEqualTo("DERIVATIVE_NOT_FINITE");
        e = refusal(() -> create(spec().setOutput(folder.toString())));
        assertThat(TestApi.field(e)).isEqualTo("spec.output");
        create(spec());
        create(spec());
        create(spec());
        e = refusal(() -> create(spec()));
        assertThat(TestApi.reason(e)).isEqualTo("TOO_MANY_SESSIONS");
        close(open.removeLast());
        create(spec());
    }
}
