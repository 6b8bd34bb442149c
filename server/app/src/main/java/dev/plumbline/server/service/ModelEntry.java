package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A registered name: who uses it for a call, and who for a run. */
final class ModelEntry {
    private final ServedModel served;
    private final Usage usage;
    private int runs;

    ModelEntry(ServedModel served, Runnable close) {
        this.served = served;
        this.usage = new Usage(close);
    }

    ServedModel served() {
        return served;
    }

    Optional<ModelLease> lease() {
        return usage.enter() ? Optional.of(new ModelLease(served, usage::leave)) : Optional.empty();
    }

    synchronized Optional<ModelLease> pin() {
        if (!usage.enter()) {
            return Optional.empty();
        }
        runs++;
        return Optional.of(new ModelLease(served, this::unpin));
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
