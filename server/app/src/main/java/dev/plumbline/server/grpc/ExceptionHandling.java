package dev.plumbline.server.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.quarkus.grpc.ExceptionHandler;
import io.quarkus.grpc.ExceptionHandlerProvider;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/**
 * In place of Quarkus's own, which calls every {@link IllegalArgumentException} the client's fault
 * and tells it the names of classes.
 */
@Singleton
public final class ExceptionHandling implements ExceptionHandlerProvider {
    @Override
    public <Q, R> ExceptionHandler<Q, R> createHandler(
            ServerCall.Listener<Q> listener, ServerCall<Q, R> call, Metadata metadata) {
        return new Handler<>(listener, call, metadata);
    }

    @Override
    public Throwable transform(Throwable failure) {
        return Statuses.of(failure);
    }

    private static final class Handler<Q, R> extends ExceptionHandler<Q, R> {
        Handler(ServerCall.Listener<Q> listener, ServerCall<Q, R> call, Metadata metadata) {
            super(listener, call, metadata);
        }

        @Override
        protected void handleException(
                Throwable failure, ServerCall<Q, R> call, Metadata metadata) {
            Exception told = Statuses.of(failure);
            @Nullable Metadata trailers = Status.trailersFromThrowable(told);
            call.close(Status.fromThrowable(told), trailers == null ? new Metadata() : trailers);
        }
    }
}
