package dev.plumbline.server.grpc;

import com.google.longrunning.Operation;
import dev.plumbline.server.service.OperationService;
import dev.plumbline.server.service.Page;
import dev.plumbline.server.service.PageRequest;
import dev.plumbline.server.service.PoolService;
import dev.plumbline.server.service.Pools;
import dev.plumbline.server.service.PreviewUseCase;
import dev.plumbline.server.store.PoolRecord;
import dev.plumbline.v1.CreatePoolRequest;
import dev.plumbline.v1.DeletePoolRequest;
import dev.plumbline.v1.DeletePoolResponse;
import dev.plumbline.v1.GetPoolRequest;
import dev.plumbline.v1.ListPoolsRequest;
import dev.plumbline.v1.ListPoolsResponse;
import dev.plumbline.v1.MineNegativesRequest;
import dev.plumbline.v1.NegativeServiceGrpc;
import dev.plumbline.v1.Pool;
import dev.plumbline.v1.PreviewNegativesRequest;
import dev.plumbline.v1.PreviewNegativesResponse;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;

/** Pools, and negatives out of them. */
@GrpcService
class NegativeEndpoint extends NegativeServiceGrpc.NegativeServiceImplBase {
    private final OperationService operations;
    private final PoolService poolService;
    private final PreviewUseCase previews;
    private final Pools threads;

    NegativeEndpoint(
            OperationService operations,
            PoolService poolService,
            PreviewUseCase previews,
            Pools threads) {
        this.operations = operations;
        this.poolService = poolService;
        this.previews = previews;
        this.threads = threads;
    }

    @Override
    public void createPool(CreatePoolRequest request, StreamObserver<Operation> responses) {
        Calls.answer(
                threads.control(),
                responses,
                cancellation ->
                        Operations.of(
                                operations.create(Selections.of(request), request.getRequestId())));
    }

    @Override
    public void getPool(GetPoolRequest request, StreamObserver<Pool> responses) {
        Calls.answer(
                threads.control(),
                responses,
                cancellation -> PoolMessages.of(poolService.get(request.getName())));
    }

    @Override
    public void listPools(ListPoolsRequest request, StreamObserver<ListPoolsResponse> responses) {
        Calls.answer(
                threads.control(),
                responses,
                cancellation -> {
                    Page<PoolRecord> page =
                            poolService.list(
                                    new PageRequest(request.getPageSize(), request.getPageToken()));
                    return ListPoolsResponse.newBuilder()
                            .addAllPools(page.items().stream().map(PoolMessages::of).toList())
                            .setNextPageToken(page.nextToken())
                            .build();
                });
    }

    @Override
    public void deletePool(
            DeletePoolRequest request, StreamObserver<DeletePoolResponse> responses) {
        Calls.answer(
                threads.control(),
                responses,
                cancellation -> {
                    poolService.delete(request.getName());
                    return DeletePoolResponse.getDefaultInstance();
                });
    }

    @Override
    public void previewNegatives(
            PreviewNegativesRequest request, StreamObserver<PreviewNegativesResponse> responses) {
        Calls.answer(
                threads.inference(),
                responses,
                cancellation ->
                        Previews.of(previews.preview(Selections.of(request), cancellation)));
    }

    @Override
    public void mineNegatives(MineNegativesRequest request, StreamObserver<Operation> responses) {
        Calls.answer(
                threads.control(),
                responses,
                cancellation ->
                        Operations.of(
                                operations.create(Selections.of(request), request.getRequestId())));
    }
}
