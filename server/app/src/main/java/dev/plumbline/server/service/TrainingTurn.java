package dev.plumbline.server.service;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** One step of training at a time: whoever waits for the next one gets it. */
final class TrainingTurn {
    private final ReentrantLock lock = new ReentrantLock(true);

    <T> T take(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    /** Lets others go first, within {@link #take}. */
    void pass() {
        if (lock.hasQueuedThreads()) {
            lock.unlock();
            lock.lock();
        }
    }
}
