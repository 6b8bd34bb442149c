package dev.plumbline.server.grpc;

import com.google.longrunning.Operation;
import dev.plumbline.server.service.OperationService;
import dev.plumbline.server.service.Pools;
import dev.plumbline.v1.AnalysisServiceGrpc;
import dev.plumbline.v1.AnalyzeSamplingRequest;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;

/** Questions about the method itself. */
@GrpcService
class AnalysisEndpoint extends AnalysisServiceGrpc.AnalysisServiceImplBase {
    private final OperationService operations;
    private final Pools threads;

    AnalysisEndpoint(OperationService operations, Pools threads) {
        this.operations = operations;
        this.threads = threads;
    }

    @Override
    public void analyzeSampling(
            AnalyzeSamplingRequest request, StreamObserver<Operation> responses) {
        Calls.answer(
                threads.control(),
                responses,
                cancellation ->
                        Operations.of(
                                operations.create(Analyses.of(request), request.getRequestId())));
    }
}
