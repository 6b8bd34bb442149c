package dev.plumbline.engine.runtime;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A wish to stop, from any thread. Runs under way end within one operator; they and all later ones
 * throw a {@link PlumblineException} with the reason {@code CANCELLED}.
 */
public final class Cancellation {
    private static final Cancellation NONE = new Cancellation();

    /** Guarded by this object, so that no run's options are released while we touch them. */
    private final List<RunOptions> runs = new ArrayList<>(1);

    private volatile boolean cancelled;

    public Cancellation() {}

    /** One that nobody can cancel; runs under it cost a little less. */
    public static Cancellation none() {
        return NONE;
    }

    /** Stops all runs under way and all to come. Calling it again changes nothing. */
    public void cancel() {
        if (this == NONE) {
            throw new IllegalStateException("Cancellation.none() is shared: make one to cancel");
        }
        synchronized (this) {
            cancelled = true;
            runs.forEach(RunOptions::terminate);
        }
    }

    public boolean isCancelled() {
        return cancelled;
    }

    /**
     * Does nothing unless cancelled.
     *
     * @throws PlumblineException {@code CANCELLED}
     */
    public void check() {
        if (cancelled) {
            throw new PlumblineException(
                    ErrorCode.CANCELLED, "CANCELLED", "the work was cancelled", Map.of());
        }
    }

    boolean isPossible() {
        return this != NONE;
    }

    /** From now until {@link #leave}, a cancel stops the run with these options. */
    synchronized void enter(RunOptions run) {
        check();
        runs.add(run);
    }

    synchronized void leave(RunOptions run) {
        runs.remove(run);
    }
}
