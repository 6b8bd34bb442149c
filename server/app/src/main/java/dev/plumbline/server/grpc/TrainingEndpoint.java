package dev.plumbline.server.grpc;

import dev.plumbline.server.service.Page;
import dev.plumbline.server.service.PageRequest;
import dev.plumbline.server.service.Pools;
import dev.plumbline.server.service.RunService;
import dev.plumbline.server.service.RunWatch;
import dev.plumbline.server.store.RunRecord;
import dev.plumbline.server.store.RunSpec;
import dev.plumbline.v1.CancelRunRequest;
import dev.plumbline.v1.CreateRunRequest;
import dev.plumbline.v1.GetRunRequest;
import dev.plumbline.v1.ListRunsRequest;
import dev.plumbline.v1.ListRunsResponse;
import dev.plumbline.v1.ResumeRunRequest;
import dev.plumbline.v1.Run;
import dev.plumbline.v1.RunEvent;
import dev.plumbline.v1.TrainingServiceGrpc;
import dev.plumbline.v1.WatchRunRequest;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;

/** Training runs. */
@GrpcService
class TrainingEndpoint extends TrainingServiceGrpc.TrainingServiceImplBase {
    private final RunService runs;
    private final Pools pools;

    TrainingEndpoint(RunService runs, Pools pools) {
        this.runs = runs;
        this.pools = pools;
    }

    @Override
    public void createRun(CreateRunRequest request, StreamObserver<Run> responses) {
        Calls.answer(
                pools.control(),
                responses,
                cancellation -> {
                    RunSpec spec = Specs.of(request.getSpec());
                    return request.getValidateOnly()
                            ? Runs.planned(runs.plan(spec))
                            : Runs.of(runs.create(spec, request.getRequestId()));
                });
    }

    @Override
    public void getRun(GetRunRequest request, StreamObserver<Run> responses) {
        Calls.answer(
                pools.control(), responses, cancellation -> Runs.of(runs.get(request.getName())));
    }

    @Override
    public void listRuns(ListRunsRequest request, StreamObserver<ListRunsResponse> responses) {
        Calls.answer(
                pools.control(),
                responses,
                cancellation -> {
                    Page<RunRecord> page =
                            runs.list(
                                    new PageRequest(request.getPageSize(), request.getPageToken()));
                    return ListRunsResponse.newBuilder()
                            .addAllRuns(page.items().stream().map(Runs::of).toList())
                            .setNextPageToken(page.nextToken())
                            .build();
                });
    }

    @Override
    public void cancelRun(CancelRunRequest request, StreamObserver<Run> responses) {
        Calls.answer(
                pools.control(),
                responses,
                cancellation -> Runs.of(runs.cancel(request.getName())));
    }

    @Override
    public void resumeRun(ResumeRunRequest request, StreamObserver<Run> responses) {
        Calls.answer(
                pools.control(),
                responses,
                cancellation -> Runs.of(runs.resume(request.getName())));
    }

    @Override
    public void watchRun(WatchRunRequest request, StreamObserver<RunEvent> responses) {
        var observer = (ServerCallStreamObserver<RunEvent>) responses;
        var stream = new PullStream<>(pools.control(), observer);
        RunWatch watch = runs.watch(request.getName(), stream::signal);
        observer.setOnCancelHandler(watch::close);
        observer.setOnCloseHandler(watch::close);
        stream.feedFrom(new PullStream.Source<>(() -> watch.poll().map(Runs::event), watch::ended));
    }
}
