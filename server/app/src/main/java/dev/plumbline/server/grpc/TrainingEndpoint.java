package dev.plumbline.server.grpc;

import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.server.service.Page;
import dev.plumbline.server.service.PageRequest;
import dev.plumbline.server.service.Pools;
import dev.plumbline.server.service.RunService;
import dev.plumbline.server.service.RunWatch;
import dev.plumbline.server.service.TrainingSessions;
import dev.plumbline.server.store.RunRecord;
import dev.plumbline.server.store.RunSpec;
import dev.plumbline.v1.CancelRunRequest;
import dev.plumbline.v1.CloseTrainingSessionRequest;
import dev.plumbline.v1.CloseTrainingSessionResponse;
import dev.plumbline.v1.CreateRunRequest;
import dev.plumbline.v1.CreateTrainingSessionRequest;
import dev.plumbline.v1.ForwardBackwardRequest;
import dev.plumbline.v1.ForwardBackwardResponse;
import dev.plumbline.v1.GetRunRequest;
import dev.plumbline.v1.ListRunsRequest;
import dev.plumbline.v1.ListRunsResponse;
import dev.plumbline.v1.LoadStateRequest;
import dev.plumbline.v1.OptimStepRequest;
import dev.plumbline.v1.OptimStepResponse;
import dev.plumbline.v1.ResumeRunRequest;
import dev.plumbline.v1.Run;
import dev.plumbline.v1.RunEvent;
import dev.plumbline.v1.SaveStateRequest;
import dev.plumbline.v1.SaveStateResponse;
import dev.plumbline.v1.TrainingServiceGrpc;
import dev.plumbline.v1.TrainingSession;
import dev.plumbline.v1.WatchRunRequest;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import java.util.function.BiFunction;

/** Training runs. */
@GrpcService
class TrainingEndpoint extends TrainingServiceGrpc.TrainingServiceImplBase {
    private final RunService runs;
    private final TrainingSessions sessions;
    private final Pools pools;

    TrainingEndpoint(RunService runs, TrainingSessions sessions, Pools pools) {
        this.runs = runs;
        this.sessions = sessions;
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

    @Override
    public void createTrainingSession(
            CreateTrainingSessionRequest request, StreamObserver<TrainingSession> responses) {
        Calls.answer(
                pools.control(),
                responses,
                cancellation -> {
                    RunSpec spec = Specs.of(request.getSpec());
                    return TrainingCalls.session(sessions.create(spec));
                });
    }

    @Override
    public void forwardBackward(
            ForwardBackwardRequest request, StreamObserver<ForwardBackwardResponse> responses) {
        use(
                request.getSession(),
                responses,
                (session, cancellation) ->
                        TrainingCalls.forwardBackward(session, request, cancellation));
    }

    @Override
    public void optimStep(OptimStepRequest request, StreamObserver<OptimStepResponse> responses) {
        use(
                request.getSession(),
                responses,
                (session, cancellation) -> TrainingCalls.optimStep(session, request));
    }

    @Override
    public void saveState(SaveStateRequest request, StreamObserver<SaveStateResponse> responses) {
        use(
                request.getSession(),
                responses,
                (session, cancellation) -> TrainingCalls.save(session, request));
    }

    @Override
    public void loadState(LoadStateRequest request, StreamObserver<TrainingSession> responses) {
        Calls.answer(
                sessions.thread(),
                responses,
                cancellation ->
                        TrainingCalls.session(
                                sessions.load(request.getSession(), request.getPath())));
    }

    @Override
    public void closeTrainingSession(
            CloseTrainingSessionRequest request,
            StreamObserver<CloseTrainingSessionResponse> responses) {
        Calls.answer(
                sessions.thread(),
                responses,
                cancellation -> {
                    sessions.close(request.getSession());
                    return CloseTrainingSessionResponse.getDefaultInstance();
                });
    }

    private <T> void use(
            String name,
            StreamObserver<T> responses,
            BiFunction<dev.plumbline.engine.train.TrainingSession, Cancellation, T> work) {
        Calls.answer(
                sessions.thread(),
                responses,
                cancellation -> sessions.use(name, session -> work.apply(session, cancellation)));
    }
}
