package dev.plumbline.server.service;

import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** One step of training at a time: whoever waits for the next one gets it. */
final class TrainingTurn {
    private final Semaphore free = new Semaphore(1, true);

    <T> T take(Supplier<T> work) {
        free.acquireUninterruptibly();
        try {
            return work.get();
        } finally {
            free.release();
        }
    }

    void run(Runnable work) {
        var _ =
                take(() -> {
                    work.run();
                    return this;
                });
    }

    /** Lets others go first, within {@link #take} or {@link #run}. */
    void pass() {
        if (free.hasQueuedThreads()) {
            free.release();
            free.acquireUninterruptibly();
        }
    }
}
