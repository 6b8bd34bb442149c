package dev.plumbline.server.grpc;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.server.service.BoundedPool;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A stream that is fed when there is news and the client has room, and holds no thread between. Of
 * several signals one does the work of all.
 */
final class PullStream<T> {
    private final BoundedPool pool;
    private final ServerCallStreamObserver<T> observer;
    private final AtomicInteger signals = new AtomicInteger();
    private volatile Source<T> source = new Source<>(Optional::empty, () -> false);
    private boolean closed;

    /**
     * Where the messages come from.
     *
     * @param next one more message, if there is one now
     * @param ended whether there will be no more
     */
    record Source<T>(Supplier<Optional<T>> next, Supplier<Boolean> ended) {}

    PullStream(BoundedPool pool, ServerCallStreamObserver<T> observer) {
        this.pool = pool;
        this.observer = observer;
        observer.setOnReadyHandler(this::signal);
    }

    void feedFrom(Source<T> messages) {
        source = messages;
        signal();
    }

    /** There may be something to send. */
    void signal() {
        if (signals.getAndIncrement() == 0) {
            try {
                pool.execute(this::drain);
            } catch (PlumblineException e) {
                // The pool is full: this news may be the last, so it is not put off.
                drain();
            }
        }
    }

    private void drain() {
        int seen;
        do {
            seen = signals.get();
            send();
        } while (signals.addAndGet(-seen) > 0);
    }

    private void send() {
        if (closed || observer.isCancelled()) {
            return;
        }
        try {
            while (observer.isReady()) {
                Optional<T> message = source.next().get();
                if (message.isEmpty()) {
                    break;
                }
                observer.onNext(message.get());
            }
            if (source.ended().get()) {
                closed = true;
                observer.onCompleted();
            }
        } catch (RuntimeException e) {
            closed = true;
            observer.onError(Statuses.of(e));
        }
    }
}
