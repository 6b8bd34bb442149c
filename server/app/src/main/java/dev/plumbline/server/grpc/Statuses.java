package dev.plumbline.server.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jboss.logging.Logger;

/** Failures as gRPC tells them, with the details of {@code google.rpc}. */
final class Statuses {
    private static final Logger LOG = Logger.getLogger(Statuses.class);
    private static final String DOMAIN = "plumbline.dev";
    private static final String RETRY = "retry_after_seconds";

    private Statuses() {}

    /**
     * What the client is told; of a failure that is ours only a number to find it by in the log.
     */
    static Exception of(Throwable failure) {
        return switch (failure) {
            case PlumblineException e -> known(e);
            case StatusRuntimeException e -> e;
            case StatusException e -> e;
            case OutOfMemoryError e -> exhausted(e);
            default -> unknown(failure);
        };
    }

    private static StatusRuntimeException known(PlumblineException e) {
        if (e.code() == ErrorCode.INTERNAL) {
            LOG.errorf(e, "A call failed: %s", e.reason());
        }
        String message = e.getMessage() == null ? e.reason() : e.getMessage();
        return status(code(e.code()), e.reason(), message, e.metadata());
    }

    /** Of the heap, or of the memory for tensors, which has a limit of its own. */
    private static StatusRuntimeException exhausted(OutOfMemoryError failure) {
        LOG.error("A call found no memory", failure);
        return status(
                Code.RESOURCE_EXHAUSTED,
                "MEMORY_EXHAUSTED",
                "the server has not enough memory for this call: ask for less, or unload a model",
                Map.of());
    }

    private static StatusRuntimeException unknown(Throwable failure) {
        String incident = UUID.randomUUID().toString();
        LOG.errorf(failure, "A call failed, incident %s", incident);
        return status(
                Code.INTERNAL,
                "INTERNAL",
                "the server failed on this call; its log has the details under " + incident,
                Map.of("incident", incident));
    }

    private static StatusRuntimeException status(
            Code code, String reason, String message, Map<String, String> variables) {
        Map<String, String> metadata = new HashMap<>(variables);
        String retry = metadata.remove(RETRY);
        var status =
                Status.newBuilder()
                        .setCode(code.getNumber())
                        .setMessage(message)
                        .addDetails(
                                Any.pack(
                                        ErrorInfo.newBuilder()
                                                .setReason(reason)
                                                .setDomain(DOMAIN)
                                                .putAllMetadata(metadata)
                                                .build()));
        String field = metadata.get("field");
        if (field != null) {
            status.addDetails(Any.pack(violation(field, message, reason)));
        }
        if (retry != null) {
            var delay = Duration.newBuilder().setSeconds(Long.parseLong(retry));
            status.addDetails(Any.pack(RetryInfo.newBuilder().setRetryDelay(delay).build()));
        }
        return StatusProto.toStatusRuntimeException(status.build());
    }

    private static BadRequest violation(String field, String message, String reason) {
        return BadRequest.newBuilder()
                .addFieldViolations(
                        BadRequest.FieldViolation.newBuilder()
                                .setField(field)
                                .setDescription(message)
                                .setReason(reason))
                .build();
    }

    private static Code code(ErrorCode code) {
        return switch (code) {
            case INVALID_ARGUMENT -> Code.INVALID_ARGUMENT;
            case NOT_FOUND -> Code.NOT_FOUND;
            case ALREADY_EXISTS -> Code.ALREADY_EXISTS;
            case FAILED_PRECONDITION -> Code.FAILED_PRECONDITION;
            case RESOURCE_EXHAUSTED -> Code.RESOURCE_EXHAUSTED;
            case CANCELLED -> Code.CANCELLED;
            case DATA_LOSS -> Code.DATA_LOSS;
            case INTERNAL -> Code.INTERNAL;
        };
    }
}
