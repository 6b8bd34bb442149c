package dev.plumbline.server;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.nio.file.Path;
import java.util.Objects;

/** What tests of the running server share. */
public final class TestApi {
    private TestApi() {}

    /** The demo world's folder. */
    public static Path demo() {
        return Path.of(Objects.requireNonNull(System.getProperty("test.demo")));
    }

    public static String reason(StatusRuntimeException e) {
        return detail(e, ErrorInfo.class).getReason();
    }

    public static String field(StatusRuntimeException e) {
        return detail(e, BadRequest.class).getFieldViolations(0).getField();
    }

    public static ErrorInfo info(StatusRuntimeException e) {
        return detail(e, ErrorInfo.class);
    }

    private static <T extends Message> T detail(StatusRuntimeException e, Class<T> type) {
        Status status = Objects.requireNonNull(StatusProto.fromThrowable(e));
        try {
            for (Any any : status.getDetailsList()) {
                if (any.is(type)) {
                    return any.unpack(type);
                }
            }
        } catch (InvalidProtocolBufferException wrong) {
            throw new AssertionError(wrong);
        }
        throw new AssertionError("no " + type.getSimpleName() + " in " + status);
    }
}
