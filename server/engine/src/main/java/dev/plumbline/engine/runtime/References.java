package dev.plumbline.engine.runtime;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the users of something native that several threads use. It goes when its owner has closed
 * it and the last user is done, so that closing never pulls memory from under a run.
 */
final class References {
    private final String name;
    private final Runnable release;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** The owner counts as one. */
    private final AtomicInteger users = new AtomicInteger(1);

    /**
     * @param name for the message to whoever comes too late
     * @param release called once, by the last to leave
     */
    References(String name, Runnable release) {
        this.name = name;
        this.release = release;
    }

    /** Enters; each call needs one of {@link #leave}. */
    void enter() {
        if (closed.get() || users.getAndUpdate(n -> n == 0 ? 0 : n + 1) == 0) {
            throw new IllegalStateException("this " + name + " is closed");
        }
    }

    void leave() {
        if (users.decrementAndGet() == 0) {
            release.run();
        }
    }

    /** The owner leaves; further calls do nothing. */
    void close() {
        if (closed.compareAndSet(false, true)) {
            leave();
        }
    }
}
