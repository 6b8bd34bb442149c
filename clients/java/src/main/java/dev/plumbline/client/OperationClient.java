package dev.plumbline.client;

import com.google.longrunning.CancelOperationRequest;
import com.google.longrunning.DeleteOperationRequest;
import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.ListOperationsRequest;
import com.google.longrunning.Operation;
import com.google.longrunning.OperationsGrpc;
import com.google.longrunning.OperationsGrpc.OperationsBlockingStub;
import com.google.longrunning.WaitOperationRequest;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.grpc.Channel;
import io.grpc.protobuf.StatusProto;
import java.util.function.Consumer;

/** Long work on a server. */
public final class OperationClient {
    private static final int LOOK_AGAIN_NANOS = 500_000_000;

    private final OperationsBlockingStub stub;

    OperationClient(Channel channel) {
        stub = OperationsGrpc.newBlockingStub(channel);
    }

    /**
     * @param name for example "operations/0197"
     */
    public Operation get(String name) {
        var request = GetOperationRequest.newBuilder().setName(name).build();
        return Calls.call(() -> stub.getOperation(request));
    }

    /** The newest first. */
    public Iterable<Operation> list() {
        return Pages.of(token -> {
            var request = ListOperationsRequest.newBuilder().setPageToken(token).build();
            var response = stub.listOperations(request);
            return new Pages.Page<>(response.getOperationsList(), response.getNextPageToken());
        });
    }

    /** Asks for its end, which comes a little later. */
    public void cancel(String name) {
        var request = CancelOperationRequest.newBuilder().setName(name).build();
        var _ = Calls.call(() -> stub.cancelOperation(request));
    }

    /** Forgets one that has ended; what it made stays. */
    public void delete(String name) {
        var request = DeleteOperationRequest.newBuilder().setName(name).build();
        var _ = Calls.call(() -> stub.deleteOperation(request));
    }

    /**
     * Waits for the end of an operation.
     *
     * @param listener hears of it twice a second until then
     * @param type of what it makes
     * @throws PlumblineClientException what made it fail, as if the call itself had
     */
    public <T extends Message> T await(
            Operation begun, Consumer<Operation> listener, Class<T> type) {
        var request =
                WaitOperationRequest.newBuilder()
                        .setName(begun.getName())
                        .setTimeout(Duration.newBuilder().setNanos(LOOK_AGAIN_NANOS))
                        .build();
        Operation now = begun;
        listener.accept(now);
        while (!now.getDone()) {
            now = Calls.call(() -> stub.waitOperation(request));
            listener.accept(now);
        }
        if (now.hasError()) {
            throw PlumblineClientException.of(StatusProto.toStatusRuntimeException(now.getError()));
        }
        try {
            return now.getResponse().unpack(type);
        } catch (InvalidProtocolBufferException other) {
            throw new IllegalStateException(begun.getName() + " makes something else", other);
        }
    }
}
