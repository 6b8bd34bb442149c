package dev.plumbline.server.service;

import dev.plumbline.engine.runtime.Cancellation;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Work on things of which each has room for one at a time; others wait for their turn. */
final class OneAtATime {
    private static final long LOOK_MILLIS = 50;

    private final Map<String, Semaphore> turns = new ConcurrentHashMap<>();

    /**
     * Works when nobody else works on the same thing.
     *
     * @throws dev.plumbline.engine.error.PlumblineException {@code CANCELLED} while waiting, or
     *     what the work throws
     */
    <T> T on(String thing, Cancellation cancellation, Supplier<T> work) {
        Semaphore turn = turns.computeIfAbsent(thing, key -> new Semaphore(1, true));
        await(turn, cancellation);
        try {
            return work.get();
        } finally {
            turn.release();
        }
    }

    private static void await(Semaphore turn, Cancellation cancellation) {
        try {
            while (!turn.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                cancellation.check();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw BoundedPool.stopping().causedBy(e);
        }
    }
}
