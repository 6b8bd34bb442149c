package dev.plumbline.client;

import com.google.longrunning.Operation;
import dev.plumbline.v1.AnalysisServiceGrpc;
import dev.plumbline.v1.AnalysisServiceGrpc.AnalysisServiceBlockingStub;
import dev.plumbline.v1.AnalyzeSamplingRequest;
import io.grpc.Channel;

/** Questions about the method itself. */
public final class AnalysisClient {
    private final AnalysisServiceBlockingStub stub;

    AnalysisClient(Channel channel) {
        stub = AnalysisServiceGrpc.newBlockingStub(channel);
    }

    /** Begins to compare ways to sample; see {@link OperationClient#await}. */
    public Operation sampling(AnalyzeSamplingRequest request) {
        return Calls.call(() -> stub.analyzeSampling(request));
    }
}
