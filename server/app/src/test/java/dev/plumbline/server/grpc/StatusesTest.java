package dev.plumbline.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import io.grpc.Status.Code;
import io.grpc.protobuf.StatusProto;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StatusesTest {
    @ParameterizedTest
    @EnumSource
    void everyCodeHasTheStatusOfItsName(ErrorCode code) {
        var failure = new PlumblineException(code, "SOME_REASON", "text", Map.of("a", "b"));
        Status status = StatusProto.fromThrowable(Statuses.of(failure));
        assertThat(Code.values()[status.getCode()].name()).isEqualTo(code.name());
        assertThat(status.getMessage()).isEqualTo("text");
    }

    @Test
    void tellsReasonFieldAndVariables() throws InvalidProtocolBufferException {
        var failure =
                new PlumblineException(
                        ErrorCode.INVALID_ARGUMENT,
                        "FIELD_OUT_OF_RANGE",
                        "top_p must be at most 1",
                        Map.of("field", "top_p", "value", "2"));
        Status status = StatusProto.fromThrowable(Statuses.of(failure));
        ErrorInfo info = detail(status, ErrorInfo.class);
        assertThat(info.getReason()).isEqualTo("FIELD_OUT_OF_RANGE");
        assertThat(info.getDomain()).isEqualTo("plumbline.dev");
        assertThat(info.getMetadataMap()).containsEntry("value", "2");
        BadRequest request = detail(status, BadRequest.class);
        assertThat(request.getFieldViolations(0).getField()).isEqualTo("top_p");
        assertThat(status.getDetailsCount()).isEqualTo(2);
    }

    @Test
    void aFullQueueSaysWhenToComeBack() throws InvalidProtocolBufferException {
        var failure =
                new PlumblineException(
                        ErrorCode.RESOURCE_EXHAUSTED,
                        "QUEUE_FULL",
                        "full",
                        Map.of("retry_after_seconds", "1"));
        Status status = StatusProto.fromThrowable(Statuses.of(failure));
        assertThat(detail(status, RetryInfo.class).getRetryDelay().getSeconds()).isEqualTo(1);
    }

    @Test
    void ourOwnFaultsStayOurs() throws InvalidProtocolBufferException {
        var failure = new IllegalArgumentException("secret /etc/passwd");
        Status status = StatusProto.fromThrowable(Statuses.of(failure));
        assertThat(Code.values()[status.getCode()]).isEqualTo(Code.INTERNAL);
        assertThat(detail(status, ErrorInfo.class).getReason()).isEqualTo("INTERNAL");
        assertThat(status.toString()).doesNotContain("secret").doesNotContain("Illegal");
    }

    private static <T extends com.google.protobuf.Message> T detail(Status status, Class<T> type)
            throws InvalidProtocolBufferException {
        for (Any any : status.getDetailsList()) {
            if (any.is(type)) {
                return any.unpack(type);
            }
        }
        throw new AssertionError("no " + type.getSimpleName() + " in " + status);
    }
}
