package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.server.store.OperationRecord;
import dev.plumbline.server.store.OperationStore;
import dev.plumbline.server.store.OperationTask;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Long work: begun, listed, waited for and cancelled; what one server leaves, the next one does.
 */
@Startup
@Singleton
public final class OperationService {
    private static final Logger LOG = Logger.getLogger(OperationService.class);
    private static final String COLLECTION = "operations";
    private static final long LOOK_AGAIN_MILLIS = 100;

    private final OperationStore store;
    private final OperationJobs jobs;
    private final OperationWorker worker;
    private final Map<String, LiveOperation> operations = new ConcurrentSkipListMap<>();

    public OperationService(OperationStore store, OperationJobs jobs) {
        this.store = store;
        this.jobs = jobs;
        this.worker = new OperationWorker(store, jobs);
    }

    /** Finds the operations of earlier processes and goes on with those they left unfinished. */
    @PostConstruct
    void recover() {
        for (OperationRecord operation : store.operations()) {
            LiveOperation live = recovered(operation);
            operations.put(operation.id(), live);
            if (live.owned() && !operation.state().ended()) {
                LOG.infof("%s goes on", operation.name());
                worker.enqueue(live);
            }
        }
    }

    /**
     * Begins long work, once what can be checked at once has been.
     *
     * @param requestId the same id makes one operation, however often it comes; empty for none
     */
    public synchronized OperationRecord create(OperationTask wanted, String requestId) {
        OperationTask task = jobs.prepare(wanted);
        Optional<OperationRecord> earlier = earlier(task, requestId);
        if (earlier.isPresent()) {
            return earlier.get();
        }
        refuseSharedTarget(task);
        var record = OperationRecord.queued(TimeOrderedIds.next(), requestId, task);
        store.save(record);
        store.hold(record.id());
        var live = new LiveOperation(store, record, true);
        operations.put(record.id(), live);
        try {
            worker.enqueue(live);
        } catch (PlumblineException e) {
            operations.remove(record.id());
            store.release(record.id());
            store.delete(record.id());
            throw e;
        }
        return live.operation();
    }

    public OperationRecord get(String name) {
        return find(name).operation();
    }

    /** The newest first. */
    public Page<OperationRecord> list(PageRequest request) {
        List<OperationRecord> all =
                operations.keySet().stream()
                        .map(this::fresh)
                        .flatMap(Optional::stream)
                        .map(LiveOperation::operation)
                        .toList();
        return Page.of(all, OperationRecord::name, Comparator.reverseOrder(), request);
    }

    /** Ends one that waits at once, one under way as soon as it notices; an ended one stays. */
    public void cancel(String name) {
        LiveOperation live = find(name);
        if (live.operation().state().ended()) {
            return;
        }
        if (!live.owned()) {
            throw new PlumblineException(
                    ErrorCode.FAILED_PRECONDITION,
                    "OPERATION_OF_ANOTHER_SERVER",
                    "another server works on %s: cancel it there".formatted(name),
                    Map.of("operation", name));
        }
        live.cancel();
    }

    /** Forgets one that has ended; what it made stays. */
    public void delete(String name) {
        LiveOperation live = find(name);
        OperationRecord operation = live.operation();
        if (!operation.state().ended()) {
            throw new PlumblineException(
                    ErrorCode.FAILED_PRECONDITION,
                    "OPERATION_NOT_ENDED",
                    "%s has not ended: cancel it first".formatted(operation.name()),
                    Map.of("operation", operation.name(), "field", "name"));
        }
        store.delete(operation.id());
        operations.remove(operation.id());
    }

    /** The operation when it has ended, or as it is when the time is over. */
    public OperationRecord await(String name, Duration patience, Cancellation cancellation) {
        long until = System.nanoTime() + patience.toNanos();
        LiveOperation live = find(name);
        while (!live.operation().state().ended() && System.nanoTime() < until) {
            cancellation.check();
            try {
                long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
                return live.end().get(Math.min(LOOK_AGAIN_MILLIS, left + 1), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                live = find(name);
            } catch (ExecutionException e) {
                throw e.getCause() instanceof PlumblineException known
                        ? known
                        : new CompletionException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw BoundedPool.stopping().causedBy(e);
            }
        }
        return live.operation();
    }

    void stop(Duration patience) {
        worker.stopping();
        for (LiveOperation live : operations.values()) {
            if (live.owned() && !live.operation().state().ended()) {
                live.cancellation().cancel();
            }
        }
        worker.stop(patience);
    }

    private Optional<OperationRecord> earlier(OperationTask task, String requestId) {
        if (requestId.isEmpty()) {
            return Optional.empty();
        }
        Optional<OperationRecord> earlier =
                operations.values().stream()
                        .map(LiveOperation::operation)
                        .filter(operation -> operation.requestId().equals(requestId))
                        .findFirst();
        if (earlier.isPresent() && !earlier.get().task().equals(task)) {
            throw PlumblineException.invalid(
                    "request_id",
                    "REQUEST_ID_REUSED",
                    "request_id \"%s\" made %s, which is other work: take a new one"
                            .formatted(requestId, earlier.get().name()),
                    Map.of("request_id", requestId, "operation", earlier.get().name()));
        }
        return earlier;
    }

    /** Two that write to one place would be in each other's way. */
    private void refuseSharedTarget(OperationTask task) {
        for (LiveOperation live : operations.values()) {
            OperationRecord other = live.operation();
            if (!other.state().ended() && other.task().target().equals(task.target())) {
                throw new PlumblineException(
                        ErrorCode.ALREADY_EXISTS,
                        "OPERATION_UNDER_WAY",
                        "%s makes %s already: wait for it, or cancel it"
                                .formatted(other.name(), task.target()),
                        Map.of("operation", other.name(), "target", task.target()));
            }
        }
    }

    private LiveOperation find(String name) {
        String id = ResourceNames.id(COLLECTION, name, "name");
        Optional<LiveOperation> found = operations.containsKey(id) ? fresh(id) : Optional.empty();
        return found.orElseThrow(() -> ResourceNames.notFound("operation", name, "name", newest()));
    }

    /** An operation of another server changes on disk, and may go away. */
    private Optional<LiveOperation> fresh(String id) {
        LiveOperation known = operations.get(id);
        if (known == null || known.owned() || known.operation().state().ended()) {
            return Optional.ofNullable(known);
        }
        Optional<LiveOperation> now =
                store.operation(id).map(record -> new LiveOperation(store, record, false));
        now.ifPresent(live -> operations.replace(id, known, live));
        return now;
    }

    private LiveOperation recovered(OperationRecord operation) {
        boolean owned = operation.state().ended() || store.hold(operation.id());
        return new LiveOperation(store, operation, owned);
    }

    private List<String> newest() {
        return operations.keySet().stream()
                .sorted(Comparator.reverseOrder())
                .limit(5)
                .map(id -> COLLECTION + "/" + id)
                .toList();
    }
}
