package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.server.store.RunRecord;
import dev.plumbline.server.store.RunSpec;
import dev.plumbline.server.store.RunStore;
import dev.plumbline.server.store.WorkState;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jboss.logging.Logger;

/** Training runs: made, listed, watched and cancelled; they outlive the process as folders. */
@Startup
@Singleton
public final class RunService {
    private static final Logger LOG = Logger.getLogger(RunService.class);
    private static final String COLLECTION = "runs";

    private final RunStore store;
    private final RunPlanner planner;
    private final RunWorker worker;
    private final TrainingTurn turn = new TrainingTurn();
    private final Map<String, LiveRun> runs = new ConcurrentSkipListMap<>();

    public RunService(RunStore store, RunPlanner planner) {
        this.store = store;
        this.planner = planner;
        this.worker = new RunWorker(store, planner, turn);
    }

    /** What runs and others that train take turns with. */
    TrainingTurn turn() {
        return turn;
    }

    /** Finds the runs of earlier processes. */
    @PostConstruct
    void recover() {
        store.runs().forEach(run -> runs.put(run.id(), recovered(run)));
    }

    /** Goes on with what earlier processes left unfinished, in the order of its creation. */
    void goOn() {
        for (LiveRun live : runs.values()) {
            if (live.owned() && live.run().state() == WorkState.QUEUED) {
                LOG.infof("%s goes on", live.run().name());
                worker.enqueue(live);
            }
        }
    }

    /** What the run would take, without making it; has no name and no output yet. */
    public RunRecord plan(RunSpec spec) {
        PlannedRun planned = planner.plan(spec);
        Path output =
                spec.output().isEmpty() ? Path.of("") : Paths.of(spec.output(), "spec.output");
        return RunRecord.queued("", "", spec, planned.model(), output, planned.plan());
    }

    /**
     * Makes a run and lets it wait for its turn.
     *
     * @param requestId the same id makes one run, however often it comes; empty for none
     */
    public synchronized RunRecord create(RunSpec spec, String requestId) {
        Optional<RunRecord> earlier = earlier(spec, requestId);
        if (earlier.isPresent()) {
            return earlier.get();
        }
        PlannedRun planned = planner.plan(spec);
        planned.requirePossible();
        return enqueue(spec, requestId, planned);
    }

    /**
     * Goes on with a run that failed or was cancelled, from its newest checkpoint.
     *
     * @throws PlumblineException {@code RUN_NOT_ENDED}, {@code RUN_COMPLETE} or {@code
     *     OUTPUT_IN_USE}
     */
    public synchronized RunRecord resume(String name) {
        LiveRun ended = find(name);
        RunRecord run = ended.run();
        if (!run.state().ended()) {
            throw notResumable(run, "RUN_NOT_ENDED", "has not ended: watch it");
        }
        if (run.state() == WorkState.SUCCEEDED) {
            throw notResumable(run, "RUN_COMPLETE", "is complete: start another run");
        }
        refuseSharedOutput(run.output());
        if (!store.hold(run.id())) {
            throw anotherServers(run, "works on");
        }
        var live = new LiveRun(store, run.requeued(), true);
        store.save(live.run());
        runs.put(run.id(), live);
        enqueue(live);
        return live.run();
    }

    private static PlumblineException notResumable(RunRecord run, String reason, String what) {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                reason,
                run.name() + " " + what,
                Map.of("run", run.name(), "field", "name"));
    }

    private static PlumblineException anotherServers(RunRecord run, String does) {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "RUN_OF_ANOTHER_SERVER",
                "another server %s %s: do it there".formatted(does, run.name()),
                Map.of("run", run.name()));
    }

    public RunRecord get(String name) {
        return find(name).run();
    }

    /** The newest first. */
    public Page<RunRecord> list(PageRequest request) {
        List<RunRecord> all = runs.keySet().stream().map(id -> fresh(id).run()).toList();
        return Page.of(all, RunRecord::name, Comparator.reverseOrder(), request);
    }

    /** Ends a run that waits at once, one under way at its next step; an ended one stays. */
    public RunRecord cancel(String name) {
        LiveRun live = find(name);
        if (!live.owned() && !live.run().state().ended()) {
            throw anotherServers(live.run(), "trains");
        }
        if (live.endWaiting(WorkState.CANCELLED, "")) {
            var _ = worker.withdraw(live);
        }
        live.cancel();
        return live.run();
    }

    /**
     * Follows a run from its beginning to its end.
     *
     * @param signal called from any thread when there is something to poll for
     */
    public RunWatch watch(String name, Runnable signal) {
        return new RunWatch(find(name), signal);
    }

    void stop(Duration patience) {
        worker.stopping();
        for (LiveRun live : runs.values()) {
            if (live.owned()) {
                stop(live);
            }
        }
        worker.stop(patience);
    }

    private void stop(LiveRun live) {
        if (worker.withdraw(live)) {
            live.abandon();
        } else {
            live.cancellation().cancel();
        }
    }

    private RunRecord enqueue(RunSpec spec, String requestId, PlannedRun planned) {
        String id = TimeOrderedIds.next();
        Path output =
                spec.output().isEmpty()
                        ? store.folder(id).resolve("adapter")
                        : Paths.of(spec.output(), "spec.output");
        refuseSharedOutput(output);
        Outputs.create(output, "spec.output");
        var record = RunRecord.queued(id, requestId, spec, planned.model(), output, planned.plan());
        store.save(record);
        store.hold(id);
        var live = new LiveRun(store, record, true);
        runs.put(id, live);
        enqueue(live);
        return live.run();
    }

    private void enqueue(LiveRun live) {
        try {
            worker.enqueue(live);
        } catch (PlumblineException e) {
            live.end(WorkState.FAILED, e.reason());
            throw e;
        }
    }

    private Optional<RunRecord> earlier(RunSpec spec, String requestId) {
        if (requestId.isEmpty()) {
            return Optional.empty();
        }
        Optional<RunRecord> earlier =
                runs.values().stream()
                        .map(LiveRun::run)
                        .filter(r -> r.requestId().equals(requestId))
                        .findFirst();
        if (earlier.isPresent() && !earlier.get().spec().equals(spec)) {
            throw PlumblineException.invalid(
                    "request_id",
                    "REQUEST_ID_REUSED",
                    "request_id \"%s\" made %s, whose spec is another: take a new one"
                            .formatted(requestId, earlier.get().name()),
                    Map.of("request_id", requestId, "run", earlier.get().name()));
        }
        return earlier;
    }

    private void refuseSharedOutput(Path output) {
        for (LiveRun live : runs.values()) {
            RunRecord other = live.run();
            if (!other.state().ended() && other.output().equals(output)) {
                throw PlumblineException.invalid(
                        "spec.output",
                        "OUTPUT_IN_USE",
                        "%s writes to %s already: give another spec.output"
                                .formatted(other.name(), output),
                        Map.of("run", other.name(), "path", output.toString()));
            }
        }
    }

    private LiveRun find(String name) {
        String id = ResourceNames.id(COLLECTION, name, "name");
        if (!runs.containsKey(id)) {
            throw ResourceNames.notFound("run", name, "name", newest());
        }
        return fresh(id);
    }

    /** A run of another server changes on disk. */
    private LiveRun fresh(String id) {
        LiveRun known = runs.get(id);
        if (known != null && (known.owned() || known.run().state().ended())) {
            return known;
        }
        return runs.compute(
                id,
                (key, old) ->
                        store.run(key)
                                .map(this::recovered)
                                .or(() -> Optional.ofNullable(old))
                                .orElseThrow());
    }

    private LiveRun recovered(RunRecord run) {
        if (run.state().ended()) {
            return new LiveRun(store, run, true);
        }
        boolean orphan = store.hold(run.id());
        return new LiveRun(store, orphan ? run.requeued() : run, orphan);
    }

    private List<String> newest() {
        return runs.keySet().stream()
                .sorted(Comparator.reverseOrder())
                .limit(5)
                .map(id -> COLLECTION + "/" + id)
                .toList();
    }
}
