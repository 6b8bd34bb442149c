package dev.plumbline.client;

import dev.plumbline.v1.CancelRunRequest;
import dev.plumbline.v1.CreateRunRequest;
import dev.plumbline.v1.GetRunRequest;
import dev.plumbline.v1.ListRunsRequest;
import dev.plumbline.v1.Plan;
import dev.plumbline.v1.ResumeRunRequest;
import dev.plumbline.v1.Run;
import dev.plumbline.v1.RunEvent;
import dev.plumbline.v1.TrainingServiceGrpc;
import dev.plumbline.v1.TrainingServiceGrpc.TrainingServiceBlockingStub;
import dev.plumbline.v1.TrainingSpec;
import dev.plumbline.v1.WatchRunRequest;
import io.grpc.Channel;
import java.util.UUID;

/** Training runs. */
public final class RunClient {
    private final TrainingServiceBlockingStub stub;

    RunClient(Channel channel) {
        stub = TrainingServiceGrpc.newBlockingStub(channel);
    }

    /** Starts a run and returns at once. */
    public Run create(TrainingSpec spec) {
        return create(spec, UUID.randomUUID().toString());
    }

    /**
     * Starts a run and returns at once.
     *
     * @param requestId the same id makes one run, however often it is sent
     */
    public Run create(TrainingSpec spec, String requestId) {
        var request = CreateRunRequest.newBuilder().setSpec(spec).setRequestId(requestId).build();
        return Calls.call(() -> stub.createRun(request));
    }

    /** Tells what a run would take, and starts none. */
    public Plan plan(TrainingSpec spec) {
        var request = CreateRunRequest.newBuilder().setSpec(spec).setValidateOnly(true).build();
        return Calls.call(() -> stub.createRun(request)).getPlan();
    }

    /**
     * @param name for example "runs/0197"
     */
    public Run get(String name) {
        return Calls.call(() -> stub.getRun(GetRunRequest.newBuilder().setName(name).build()));
    }

    public Iterable<Run> list() {
        return Pages.of(token -> {
            var request = ListRunsRequest.newBuilder().setPageToken(token).build();
            var response = stub.listRuns(request);
            return new Pages.Page<>(response.getRunsList(), response.getNextPageToken());
        });
    }

    public Run cancel(String name) {
        var request = CancelRunRequest.newBuilder().setName(name).build();
        return Calls.call(() -> stub.cancelRun(request));
    }

    /** Goes on with a run that failed or was cancelled, from its newest checkpoint. */
    public Run resume(String name) {
        var request = ResumeRunRequest.newBuilder().setName(name).build();
        return Calls.call(() -> stub.resumeRun(request));
    }

    /**
     * What has happened and what happens, until the run ends. Closing the stream does not end the
     * run.
     */
    public ServerStream<RunEvent> watch(String name) {
        var request = WatchRunRequest.newBuilder().setName(name).build();
        return ServerStream.open(() -> stub.watchRun(request));
    }
}
