package dev.plumbline.client;

import io.grpc.StatusRuntimeException;
import java.util.function.Supplier;

/** Turns what gRPC throws into what this library promises. */
final class Calls {
    private Calls() {}

    static <T> T call(Supplier<T> call) {
        try {
            return call.get();
        } catch (StatusRuntimeException failure) {
            throw PlumblineClientException.of(failure);
        }
    }
}
