package dev.plumbline.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a server refused, or what kept it from being asked. The code says how a program should
 * react, the reason is an upper-snake name that stays the same, and the message says what to do
 * next.
 */
public final class PlumblineClientException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Status.Code code;
    private final String reason;
    private final TreeMap<String, String> metadata;

    public PlumblineClientException(
            Status.Code code,
            String reason,
            String message,
            Map<String, String> metadata,
            @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.reason = reason;
        this.metadata = new TreeMap<>(metadata);
    }

    public PlumblineClientException(
            Status.Code code, String reason, String message, Map<String, String> metadata) {
        this(code, reason, message, metadata, null);
    }

    /**
     * Reads {@code google.rpc.ErrorInfo}; a field of {@code BadRequest} appears in the metadata as
     * "field".
     */
    static PlumblineClientException of(StatusRuntimeException failure) {
        Status status = failure.getStatus();
        String reason = status.getCode().name();
        var metadata = new TreeMap<String, String>();
        var details = StatusProto.fromThrowable(failure);
        if (details != null) {
            var request = detail(details, BadRequest.class);
            request.filter(bad -> bad.getFieldViolationsCount() > 0)
                    .ifPresent(bad -> metadata.put("field", bad.getFieldViolations(0).getField()));
            Optional<ErrorInfo> info = detail(details, ErrorInfo.class);
            info.ifPresent(found -> metadata.putAll(found.getMetadataMap()));
            reason = info.map(ErrorInfo::getReason).orElse(reason);
        }
        String description = status.getDescription();
        return new PlumblineClientException(
                status.getCode(),
                reason,
                description == null ? status.getCode().name() : description,
                metadata,
                failure);
    }

    private static <T extends Message> Optional<T> detail(
            com.google.rpc.Status status, Class<T> type) {
        try {
            for (var any : status.getDetailsList()) {
                if (any.is(type)) {
                    return Optional.of(any.unpack(type));
                }
            }
        } catch (InvalidProtocolBufferException broken) {
            return Optional.empty(); // The status itself still says what went wrong.
        }
        return Optional.empty();
    }

    public Status.Code code() {
        return code;
    }

    /** For example {@code MODEL_NOT_FOUND}; the code's name where the server gave none. */
    public String reason() {
        return reason;
    }

    /** Every variable of the message, by name. */
    public Map<String, String> metadata() {
        return Map.copyOf(metadata);
    }

    /** The message alone, without the class. */
    public String text() {
        return String.valueOf(getMessage());
    }
}
