package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.server.service.OperationJobs.Assignment;
import dev.plumbline.server.store.OperationRecord;
import dev.plumbline.server.store.OperationRecord.Failure;
import dev.plumbline.server.store.OperationStore;
import java.time.Duration;
import java.util.Map;
import org.jboss.logging.Logger;

/** The threads that do long work, in the order of its coming. */
final class OperationWorker {
    private static final Logger LOG = Logger.getLogger(OperationWorker.class);
    private static final int WORKERS = 2;
    private static final int QUEUE = 1000;

    private final BoundedPool threads = new BoundedPool("operations", WORKERS, QUEUE);
    private final OperationStore store;
    private final OperationJobs jobs;
    private volatile boolean stopping;

    OperationWorker(OperationStore store, OperationJobs jobs) {
        this.store = store;
        this.jobs = jobs;
    }

    /** Runs it when its turn has come. */
    void enqueue(LiveOperation live) {
        threads.execute(() -> work(live));
    }

    /** From now on what ends unfinished is left to the next server. */
    void stopping() {
        stopping = true;
    }

    void stop(Duration patience) {
        threads.stop(patience);
    }

    private void work(LiveOperation live) {
        if (stopping) {
            live.abandon();
            return;
        }
        Assignment assignment = assignment(live);
        try {
            if (live.start()) {
                live.succeed(jobs.run(live.operation().task(), assignment));
            }
        } catch (PlumblineException e) {
            fail(live, assignment, e);
        } catch (Throwable e) {
            LOG.errorf(e, "%s failed", live.operation().name());
            discard(live, assignment);
            String why = "internal error; the server's log has the details";
            live.fail(new Failure(ErrorCode.INTERNAL.name(), "INTERNAL", why, Map.of()));
        }
    }

    private Assignment assignment(LiveOperation live) {
        String id = live.operation().id();
        return new Assignment(id, store.folder(id), live::progress, live.cancellation());
    }

    private void fail(LiveOperation live, Assignment assignment, PlumblineException e) {
        OperationRecord operation = live.operation();
        if (stopping && !live.unwanted()) {
            live.abandon();
            return;
        }
        discard(live, assignment);
        if (e.code() == ErrorCode.CANCELLED) {
            live.endCancelled();
            return;
        }
        String why = Failures.message(e);
        if (e.code() == ErrorCode.INTERNAL) {
            LOG.errorf(e, "%s failed", operation.name());
        } else {
            LOG.warnf("%s failed: %s: %s", operation.name(), e.reason(), why);
        }
        live.fail(new Failure(e.code().name(), e.reason(), why, e.metadata()));
    }

    private void discard(LiveOperation live, Assignment assignment) {
        try {
            jobs.discard(live.operation().task(), assignment);
        } catch (PlumblineException e) {
            LOG.warnf("What %s left stays: %s", live.operation().name(), e.getMessage());
        }
    }
}
