package dev.plumbline.server.grpc;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.server.service.BoundedPool;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** Takes a call off gRPC's thread, and its cancellation, deadline included, to the work. */
final class Calls {
    private Calls() {}

    /** Answers with the one thing that the work makes. */
    static <T> void answer(
            BoundedPool pool, StreamObserver<T> responses, Function<Cancellation, T> work) {
        var observer = (ServerCallStreamObserver<T>) responses;
        run(pool, observer, cancellation -> observer.onNext(work.apply(cancellation)));
    }

    /**
     * Answers with all that the work sends.
     *
     * @param patience how long a client may leave everything unread
     */
    static <T> void stream(
            BoundedPool pool,
            StreamObserver<T> responses,
            Duration patience,
            BiConsumer<Cancellation, PatientStream<T>> work) {
        var observer = (ServerCallStreamObserver<T>) responses;
        var stream = new PatientStream<>(observer, patience);
        run(
                pool,
                observer,
                cancellation -> work.accept(cancellation, stream.endingWith(cancellation)));
    }

    private static <T> void run(BoundedPool pool, ServerCallStreamObserver<T> observer, Work work) {
        var cancellation = new Cancellation();
        Runnable task =
                Context.current()
                        .wrap(() -> {
                            finish(pool, observer, cancellation, work);
                            pool.forget(cancellation);
                        });
        observer.setOnCancelHandler(() -> {
            cancellation.cancel();
            pool.remove(task);
            pool.forget(cancellation);
        });
        try {
            pool.execute(task, cancellation);
        } catch (PlumblineException e) {
            observer.onError(Statuses.of(e));
        }
    }

    private static <T> void finish(
            BoundedPool pool,
            ServerCallStreamObserver<T> observer,
            Cancellation cancellation,
            Work work) {
        try {
            cancellation.check();
            work.run(cancellation);
            if (!observer.isCancelled()) {
                observer.onCompleted();
            }
        } catch (Throwable e) {
            // Nobody is left to be told.
            if (!observer.isCancelled()) {
                boolean stopped = cancellation.isCancelled() && pool.isStopping();
                observer.onError(Statuses.of(stopped ? BoundedPool.stopping() : e));
            }
        }
    }

    private interface Work {
        void run(Cancellation cancellation);
    }
}
