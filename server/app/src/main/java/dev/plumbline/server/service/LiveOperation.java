package dev.plumbline.server.service;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.server.store.OperationOutcome;
import dev.plumbline.server.store.OperationRecord;
import dev.plumbline.server.store.OperationRecord.Failure;
import dev.plumbline.server.store.OperationRecord.Progress;
import dev.plumbline.server.store.OperationStore;
import dev.plumbline.server.store.WorkState;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;

/** An operation in memory: what changes it is written to the store, and its end told. */
final class LiveOperation {
    private static final Logger LOG = Logger.getLogger(LiveOperation.class);
    private static final long SAVE_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final OperationStore store;
    private final boolean owned;
    private final Cancellation cancellation = new Cancellation();
    private final CompletableFuture<OperationRecord> end = new CompletableFuture<>();
    private final Pace pace = new Pace();
    private OperationRecord operation;
    private boolean unwanted;
    private long savedAt = System.nanoTime();

    /**
     * @param owned false for an operation of another server on the same folder
     */
    LiveOperation(OperationStore store, OperationRecord operation, boolean owned) {
        this.store = store;
        this.operation = operation;
        this.owned = owned;
        if (operation.state().ended()) {
            end.complete(operation);
        }
    }

    boolean owned() {
        return owned;
    }

    Cancellation cancellation() {
        return cancellation;
    }

    /** Completed when the operation ends. */
    CompletableFuture<OperationRecord> end() {
        return end;
    }

    synchronized OperationRecord operation() {
        return operation;
    }

    /** Whether the operation has not ended, and now runs. */
    synchronized boolean start() {
        if (operation.state().ended()) {
            return false;
        }
        operation = operation.started();
        save();
        return true;
    }

    /** A client no longer wants it; whether it was still waiting, and ended with this. */
    boolean cancel() {
        synchronized (this) {
            unwanted = true;
            if (operation.state() == WorkState.QUEUED) {
                return end(OperationRecord::cancelled);
            }
        }
        cancellation.cancel();
        return false;
    }

    /** Whether a client cancelled it, and not the end of the server. */
    synchronized boolean unwanted() {
        return unwanted;
    }

    boolean succeed(OperationOutcome outcome) {
        return end(operation -> operation.succeeded(outcome));
    }

    boolean endCancelled() {
        return end(OperationRecord::cancelled);
    }

    boolean fail(Failure failure) {
        return end(operation -> operation.failed(failure));
    }

    /** Leaves it unfinished, for the next server. */
    void abandon() {
        store.release(operation().id());
        end.completeExceptionally(BoundedPool.stopping());
    }

    private boolean end(UnaryOperator<OperationRecord> change) {
        OperationRecord ended;
        synchronized (this) {
            if (operation.state().ended()) {
                return false;
            }
            operation = change.apply(operation);
            ended = operation;
            try {
                save();
            } catch (PlumblineException e) {
                LOG.errorf("%s ended, which cannot be written: %s", ended.name(), e.getMessage());
            }
            store.release(ended.id());
        }
        end.complete(ended);
        return true;
    }

    void progress(String phase, long done, long total, long skipped) {
        synchronized (this) {
            if (operation.state().ended()) {
                return;
            }
            double perSecond = pace.perSecond(phase, done);
            operation = operation.at(new Progress(phase, done, total, perSecond, skipped));
            if (System.nanoTime() - savedAt > SAVE_EVERY_NANOS) {
                save();
            }
        }
    }

    private void save() {
        store.save(operation);
        savedAt = System.nanoTime();
    }
}
