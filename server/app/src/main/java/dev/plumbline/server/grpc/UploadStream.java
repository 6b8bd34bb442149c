package dev.plumbline.server.grpc;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.server.service.BoundedPool;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Takes in what a client sends message by message, off gRPC's thread, and asks for the next when it
 * has taken the last in, so that a fast client fills no memory. Whatever happens, the intake is
 * closed.
 */
final class UploadStream<Q, T> implements StreamObserver<Q> {
    /** What becomes of the messages. Called by one thread at a time. */
    interface Intake<Q, T> extends AutoCloseable {
        void take(Q message);

        /** After the last message. */
        T finish();

        /** Takes away what was not finished. */
        @Override
        void close();
    }

    private final BoundedPool pool;
    private final ServerCallStreamObserver<T> responses;
    private final Intake<Q, T> intake;
    private final Deque<Runnable> steps = new ArrayDeque<>();
    private boolean working;
    private boolean ended;

    /** To be made before the method of the service returns. */
    UploadStream(BoundedPool pool, StreamObserver<T> responses, Intake<Q, T> intake) {
        this.pool = pool;
        this.responses = (ServerCallStreamObserver<T>) responses;
        this.intake = intake;
        this.responses.disableAutoRequest();
        this.responses.setOnCancelHandler(() -> enqueue(() -> end(null)));
        this.responses.request(1);
    }

    @Override
    public void onNext(Q message) {
        enqueue(() -> {
            intake.take(message);
            responses.request(1);
        });
    }

    @Override
    public void onError(Throwable failure) {
        enqueue(() -> end(null));
    }

    @Override
    public void onCompleted() {
        enqueue(() -> {
            T answer = intake.finish();
            end(null);
            if (!responses.isCancelled()) {
                responses.onNext(answer);
                responses.onCompleted();
            }
        });
    }

    private void enqueue(Runnable step) {
        synchronized (this) {
            steps.add(step);
            if (working) {
                return;
            }
            working = true;
        }
        try {
            pool.execute(this::work);
        } catch (PlumblineException e) {
            synchronized (this) {
                working = false;
            }
            end(e);
        }
    }

    private void work() {
        while (true) {
            Runnable step;
            synchronized (this) {
                @Nullable Runnable next = steps.poll();
                if (next == null) {
                    working = false;
                    return;
                }
                step = next;
            }
            if (!ended) {
                run(step);
            }
        }
    }

    private void run(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            end(e);
        }
    }

    /**
     * @param failure null where nobody is to be told
     */
    private void end(@Nullable Throwable failure) {
        if (ended) {
            return;
        }
        ended = true;
        intake.close();
        if (failure != null && !responses.isCancelled()) {
            responses.onError(Statuses.of(failure));
        }
    }
}
