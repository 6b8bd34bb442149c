package dev.plumbline.server.service;

import java.util.concurrent.CompletableFuture;

/** Counts who uses a thing, so that it is closed when it is given up and the last has left. */
final class Usage {
    private final Runnable close;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private int users;
    private boolean retired;

    /**
     * @param close run exactly once
     */
    Usage(Runnable close) {
        this.close = close;
    }

    /** Whether the thing could still be had; then {@link #leave} must follow. */
    synchronized boolean enter() {
        if (retired) {
            return false;
        }
        users++;
        return true;
    }

    void leave() {
        boolean last;
        synchronized (this) {
            users--;
            last = retired && users == 0;
        }
        if (last) {
            finish();
        }
    }

    /** Lets nobody in any more; done when the last user has left and the thing is closed. */
    CompletableFuture<Void> retire() {
        boolean idle;
        synchronized (this) {
            idle = !retired && users == 0;
            retired = true;
        }
        if (idle) {
            finish();
        }
        return closed;
    }

    private void finish() {
        try {
            close.run();
        } finally {
            closed.complete(null);
        }
    }
}
