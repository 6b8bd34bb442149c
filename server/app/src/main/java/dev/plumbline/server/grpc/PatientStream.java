package dev.plumbline.server.grpc;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.runtime.Cancellation;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Sends no faster than the client reads, so that a slow one fills no memory. */
final class PatientStream<T> {
    /** A cancelled call may never signal that it is ready. */
    private static final long LOOK_AGAIN_MILLIS = 50;

    private final ServerCallStreamObserver<T> observer;
    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ready = lock.newCondition();
    private Cancellation cancellation = Cancellation.none();

    /** To be made on gRPC's own thread, before the method of the service returns. */
    PatientStream(ServerCallStreamObserver<T> observer, Duration patience) {
        this.observer = observer;
        this.patience = patience;
        observer.setOnReadyHandler(this::signal);
    }

    PatientStream<T> endingWith(Cancellation end) {
        this.cancellation = end;
        return this;
    }

    /**
     * Sends as soon as there is room.
     *
     * @throws PlumblineException {@code CANCELLED} where the client has gone, {@code
     *     CLIENT_TOO_SLOW} where it has read nothing for too long
     */
    void send(T message) {
        awaitReady();
        observer.onNext(message);
    }

    private void awaitReady() {
        long until = System.nanoTime() + patience.toNanos();
        lock.lock();
        try {
            while (!observer.isReady()) {
                cancellation.check();
                if (System.nanoTime() > until) {
                    throw tooSlow();
                }
                if (ready.await(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
                    continue;
                }
            }
            cancellation.check();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PlumblineException(
                            ErrorCode.CANCELLED, "CANCELLED", "the server is stopping", Map.of())
                    .causedBy(e);
        } finally {
            lock.unlock();
        }
    }

    private PlumblineException tooSlow() {
        return new PlumblineException(
                ErrorCode.RESOURCE_EXHAUSTED,
                "CLIENT_TOO_SLOW",
                "the client has read nothing for %d seconds".formatted(patience.toSeconds()),
                Map.of("seconds", Long.toString(patience.toSeconds())));
    }

    private void signal() {
        lock.lock();
        try {
            ready.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
