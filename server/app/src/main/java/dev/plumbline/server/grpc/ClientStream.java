package dev.plumbline.server.grpc;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.server.service.BoundedPool;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;
import java.util.function.Function;

/** Takes in what a client sends, on gRPC's thread, and at its end answers on another. */
final class ClientStream<Q, T> implements StreamObserver<Q> {
    private final BoundedPool pool;
    private final ServerCallStreamObserver<T> responses;
    private final Consumer<Q> intake;
    private final Function<Cancellation, T> work;
    private final Cancellation cancellation = new Cancellation();
    private boolean refused;

    /**
     * To be made before the method of the service returns.
     *
     * @param intake of each message, which must not wait; what it throws ends the call
     */
    ClientStream(
            BoundedPool pool,
            StreamObserver<T> responses,
            Consumer<Q> intake,
            Function<Cancellation, T> work) {
        this.pool = pool;
        this.responses = (ServerCallStreamObserver<T>) responses;
        this.intake = intake;
        this.work = work;
        this.responses.setOnCancelHandler(cancellation::cancel);
    }

    @Override
    public void onNext(Q message) {
        if (refused) {
            return;
        }
        try {
            intake.accept(message);
        } catch (RuntimeException e) {
            refused = true;
            responses.onError(Statuses.of(e));
        }
    }

    @Override
    public void onError(Throwable failure) {
        cancellation.cancel();
    }

    @Override
    public void onCompleted() {
        if (refused) {
            return;
        }
        try {
            pool.execute(
                    Context.current()
                            .wrap(() -> {
                                answer();
                                pool.forget(cancellation);
                            }),
                    cancellation);
        } catch (PlumblineException e) {
            responses.onError(Statuses.of(e));
        }
    }

    private void answer() {
        try {
            cancellation.check();
            T answer = work.apply(cancellation);
            if (!responses.isCancelled()) {
                responses.onNext(answer);
                responses.onCompleted();
            }
        } catch (Throwable e) {
            if (!responses.isCancelled()) {
                responses.onError(Statuses.of(e));
            }
        }
    }
}
