package dev.plumbline.engine.generate;

import dev.plumbline.engine.runtime.Cancellation;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Takes tokens from the thread that computes them to the one that asked for them. It holds few, so
 * that a slow reader stops its own sequence only, and a cancelled one has little computed for
 * nothing.
 */
final class Handoff {
    /** Enough to go on computing while the reader wakes up. */
    static final int CAPACITY = 3;

    /** How long a reader may not notice that its request was cancelled. */
    private static final long LOOK_AGAIN_MILLIS = 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private final Queue<Sampled> tokens = new ArrayDeque<>(CAPACITY);
    private final Runnable wake;
    private volatile int waiting;
    private volatile boolean left;
    private @Nullable Throwable failure;

    /**
     * @param wake tells the computing thread that there is room again, or that nobody reads
     */
    Handoff(Runnable wake) {
        this.wake = wake;
    }

    boolean hasRoom() {
        return waiting < CAPACITY;
    }

    /** By the computing thread, where there is room. */
    void put(Sampled token) {
        lock.lock();
        try {
            tokens.add(token);
            waiting = tokens.size();
            news.signal();
        } finally {
            lock.unlock();
        }
    }

    /** No token follows those that wait; the reader gets this after them. */
    void fail(Throwable why) {
        lock.lock();
        try {
            if (failure == null) {
                failure = why;
            }
            news.signal();
        } finally {
            lock.unlock();
        }
    }

    /** The next token, as soon as there is one. */
    Sampled take(Cancellation cancellation) {
        Sampled token = await(cancellation);
        if (waiting == CAPACITY - 1) {
            wake.run();
        }
        return token;
    }

    /** Nobody reads any more. */
    void leave() {
        left = true;
        wake.run();
    }

    boolean isLeft() {
        return left;
    }

    private Sampled await(Cancellation cancellation) {
        lock.lock();
        try {
            while (true) {
                cancellation.check();
                Sampled token = tokens.poll();
                if (token != null) {
                    waiting = tokens.size();
                    return token;
                }
                if (failure != null) {
                    throw rethrown(failure);
                }
                if (news.await(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
                    continue;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Refusals.interrupted(e);
        } finally {
            lock.unlock();
        }
    }

    private static RuntimeException rethrown(Throwable failure) {
        return switch (failure) {
            case RuntimeException exception -> exception;
            case Error error -> throw error;
            default -> new IllegalStateException(failure);
        };
    }
}
