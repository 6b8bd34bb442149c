package dev.plumbline.engine.runtime;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Map;

/** Turns the status that a C function answers into an exception, and releases it. */
final class OrtStatus {
    private static final MethodHandle TEXT_P = OrtApi.handle(Signature.TEXT_P);

    private final OrtApi api;

    OrtStatus(OrtApi api) {
        this.api = api;
    }

    /**
     * @param status null if all went well
     * @throws PlumblineException {@code ONNX_RUNTIME} with what we were doing and ONNX Runtime's
     *     own words
     */
    void check(OrtFunction function, MemorySegment status) {
        if (status.address() != 0) {
            throw failure(function, take(status));
        }
    }

    private String take(MemorySegment status) {
        try {
            MemorySegment text =
                    (MemorySegment)
                            TEXT_P.invokeExact(
                                    api.address(OrtFunction.GET_ERROR_MESSAGE, Signature.TEXT_P),
                                    status);
            return text.reinterpret(Long.MAX_VALUE).getString(0);
        } catch (Throwable e) {
            throw OrtApi.unexpected(e);
        } finally {
            api.release(OrtFunction.RELEASE_STATUS, status);
        }
    }

    private static PlumblineException failure(OrtFunction function, String words) {
        return new PlumblineException(
                ErrorCode.INTERNAL,
                "ONNX_RUNTIME",
                "ONNX Runtime could not %s: %s".formatted(function.task(), words),
                Map.of("task", function.task(), "error", words));
    }
}
