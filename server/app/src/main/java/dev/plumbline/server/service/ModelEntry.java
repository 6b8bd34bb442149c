package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A registered name: who uses it for a call, and who for a run. */
final class ModelEntry {
    private final Hosted served;
    private final Usage usage;
    private int runs;

    ModelEntry(Hosted served, Runnable close) {
        this.served = served;
        this.usage = new Usage(close);
    }

    Hosted served() {
        return served;
    }

    /** Keeps the model for a call; empty where it is being unloaded. */
    Optional<Runnable> lease() {
        return usage.enter() ? Optional.of(usage::leave) : Optional.empty();
    }

    /** Keeps the model for a run. */
    synchronized Optional<Runnable> pin() {
        if (!usage.enter()) {
            return Optional.empty();
        }
        runs++;
        return Optional.of(this::unpin);
    }

    synchronized CompletableFuture<Void> retire() {
        if (runs > 0) {
            throw new PlumblineException(
                    ErrorCode.FAILED_PRECONDITION,
                    "MODEL_IN_USE",
                    "%d training runs use %s: cancel them or wait for their end"
                            .formatted(runs, served.name()),
                    Map.of(
                            "model", served.name(),
                            "runs", Integer.toString(runs),
                            "field", "name"));
        }
        return usage.retire();
    }

    private void unpin() {
        synchronized (this) {
            runs--;
        }
        usage.leave();
    }
}
