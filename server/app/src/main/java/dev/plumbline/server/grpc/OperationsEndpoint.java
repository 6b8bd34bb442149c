package dev.plumbline.server.grpc;

import com.google.longrunning.CancelOperationRequest;
import com.google.longrunning.DeleteOperationRequest;
import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.ListOperationsRequest;
import com.google.longrunning.ListOperationsResponse;
import com.google.longrunning.Operation;
import com.google.longrunning.OperationsGrpc;
import com.google.longrunning.WaitOperationRequest;
import com.google.protobuf.Empty;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.server.service.OperationService;
import dev.plumbline.server.service.Page;
import dev.plumbline.server.service.PageRequest;
import dev.plumbline.server.service.Pools;
import dev.plumbline.server.store.OperationRecord;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import java.time.Duration;
import java.util.Map;

/** Long work, listed, waited for and cancelled. */
@GrpcService
class OperationsEndpoint extends OperationsGrpc.OperationsImplBase {
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    private final OperationService operations;
    private final Pools pools;

    OperationsEndpoint(OperationService operations, Pools pools) {
        this.operations = operations;
        this.pools = pools;
    }

    @Override
    public void getOperation(GetOperationRequest request, StreamObserver<Operation> responses) {
        Calls.answer(
                pools.control(),
                responses,
                cancellation -> Operations.of(operations.get(request.getName())));
    }

    @Override
    public void listOperations(
            ListOperationsRequest request, StreamObserver<ListOperationsResponse> responses) {
        Calls.answer(
                pools.control(),
                responses,
                cancellation -> {
                    refuseFilter(request.getFilter());
                    Page<OperationRecord> page =
                            operations.list(
                                    new PageRequest(request.getPageSize(), request.getPageToken()));
                    return ListOperationsResponse.newBuilder()
                            .addAllOperations(page.items().stream().map(Operations::of).toList())
                            .setNextPageToken(page.nextToken())
                            .build();
                });
    }

    private static void refuseFilter(String filter) {
        if (!filter.isEmpty()) {
            throw PlumblineException.invalid(
                    "filter",
                    "FILTER_UNSUPPORTED",
                    "filter must be empty: all operations are listed",
                    Map.of("filter", filter));
        }
    }

    @Override
    public void cancelOperation(CancelOperationRequest request, StreamObserver<Empty> responses) {
        Calls.answer(
                pools.control(),
                responses,
                cancellation -> {
                    operations.cancel(request.getName());
                    return Empty.getDefaultInstance();
                });
    }

    @Override
    public void deleteOperation(DeleteOperationRequest request, StreamObserver<Empty> responses) {
        Calls.answer(
                pools.control(),
                responses,
                cancellation -> {
                    operations.delete(request.getName());
                    return Empty.getDefaultInstance();
                });
    }

    @Override
    public void waitOperation(WaitOperationRequest request, StreamObserver<Operation> responses) {
        Calls.answer(
                pools.waiting(),
                responses,
                cancellation -> {
                    Duration patience =
                            request.hasTimeout()
                                    ? Duration.ofSeconds(
                                            request.getTimeout().getSeconds(),
                                            request.getTimeout().getNanos())
                                    : LONGEST_WAIT;
                    return Operations.of(
                            operations.await(request.getName(), patience, cancellation));
                });
    }
}
