package dev.plumbline.client;

import com.google.longrunning.Operation;
import dev.plumbline.v1.CreatePoolRequest;
import dev.plumbline.v1.DeletePoolRequest;
import dev.plumbline.v1.GetPoolRequest;
import dev.plumbline.v1.ListPoolsRequest;
import dev.plumbline.v1.MineNegativesRequest;
import dev.plumbline.v1.NegativeServiceGrpc;
import dev.plumbline.v1.NegativeServiceGrpc.NegativeServiceBlockingStub;
import dev.plumbline.v1.Pool;
import dev.plumbline.v1.PreviewNegativesRequest;
import dev.plumbline.v1.PreviewNegativesResponse;
import io.grpc.Channel;

/** Pools of candidate pictures, and the negatives chosen out of them. */
public final class NegativeClient {
    private final NegativeServiceBlockingStub stub;

    NegativeClient(Channel channel) {
        stub = NegativeServiceGrpc.newBlockingStub(channel);
    }

    /** Begins to embed a pool; see {@link OperationClient#await}. */
    public Operation createPool(CreatePoolRequest request) {
        return Calls.call(() -> stub.createPool(request));
    }

    /**
     * @param name for example "pools/coco"
     */
    public Pool getPool(String name) {
        return Calls.call(() -> stub.getPool(GetPoolRequest.newBuilder().setName(name).build()));
    }

    public Iterable<Pool> listPools() {
        return Pages.of(token -> {
            var request = ListPoolsRequest.newBuilder().setPageToken(token).build();
            var response = stub.listPools(request);
            return new Pages.Page<>(response.getPoolsList(), response.getNextPageToken());
        });
    }

    /** The pictures that it was made from stay. */
    public void deletePool(String name) {
        var request = DeletePoolRequest.newBuilder().setName(name).build();
        var _ = Calls.call(() -> stub.deletePool(request));
    }

    /** The negatives of one row, before anything is written. */
    public PreviewNegativesResponse preview(PreviewNegativesRequest request) {
        return Calls.call(() -> stub.previewNegatives(request));
    }

    /** Begins to mine a data set; see {@link OperationClient#await}. */
    public Operation mine(MineNegativesRequest request) {
        return Calls.call(() -> stub.mineNegatives(request));
    }
}
