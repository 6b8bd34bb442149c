package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.train.RunFiles;
import dev.plumbline.server.store.RunRecord;
import dev.plumbline.server.store.RunStore;
import dev.plumbline.server.store.WorkState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** The one thread that trains; runs wait for it in the order of their creation. */
final class RunWorker {
    private static final Logger LOG = Logger.getLogger(RunWorker.class);
    private static final int QUEUE = 1000;

    private final BoundedPool thread = new BoundedPool("training", 1, QUEUE);
    private final Map<LiveRun, Runnable> waiting = new ConcurrentHashMap<>();
    private final RunStore store;
    private final RunPlanner planner;
    private final TrainingTurn turn;
    private volatile boolean stopping;

    RunWorker(RunStore store, RunPlanner planner, TrainingTurn turn) {
        this.store = store;
        this.planner = planner;
        this.turn = turn;
    }

    /** Trains it when its turn has come. */
    void enqueue(LiveRun live) {
        Runnable task =
                () -> {
                    waiting.remove(live);
                    work(live);
                };
        waiting.put(live, task);
        try {
            thread.execute(task);
        } catch (PlumblineException e) {
            waiting.remove(live);
            throw e;
        }
    }

    /** Takes the run out of the queue; whether it was still there. */
    boolean withdraw(LiveRun live) {
        Runnable task = waiting.remove(live);
        if (task != null) {
            thread.remove(task);
        }
        return task != null;
    }

    /** From now on what ends unfinished is left to the next server. */
    void stopping() {
        stopping = true;
    }

    void stop(Duration patience) {
        thread.stop(patience);
    }

    private void work(LiveRun live) {
        if (stopping) {
            live.abandon();
            return;
        }
        try {
            if (live.start()) {
                train(live);
                live.end(WorkState.SUCCEEDED, "");
                store.deleteCheckpoints(live.run().id());
            }
        } catch (PlumblineException e) {
            fail(live, e);
        } catch (Throwable e) {
            LOG.errorf(e, "%s failed", live.run().name());
            live.end(WorkState.FAILED, "internal error; the server's log has the details");
        }
    }

    private void train(LiveRun live) {
        RunRecord run = live.run();
        Outputs.create(run.output(), "spec.output");
        try (PreparedRun prepared =
                planner.prepare(
                        run.spec(), run.model(), store.folder(run.id()), live.miningListener())) {
            prepared.mined().ifPresent(file -> copy(file, run.output()));
            if (prepared.skipped().count() > 0) {
                prepared.skipped().write(run.output().resolve("skipped.jsonl"));
            }
            var files =
                    new RunFiles(
                                    run.output(),
                                    Optional.of(store.checkpoints(run.id())),
                                    run.spec().checkpointEvery())
                            .with(prepared.lease().served().scorer().store());
            turn.run(() ->
                    prepared.trainer()
                            .run(
                                    prepared.spec(),
                                    run.plan(),
                                    prepared.rows(),
                                    files,
                                    new CourteousListener(live, turn),
                                    live.cancellation()));
        }
    }

    /** The rows as they were trained on, beside the adapter. */
    private static void copy(Path file, Path output) {
        Path copy = output.resolve(file.getFileName());
        try {
            Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new PlumblineException(
                            ErrorCode.FAILED_PRECONDITION,
                            "FILE_NOT_WRITABLE",
                            "cannot write %s: %s".formatted(copy, e.getMessage()),
                            Map.of("field", "spec.output", "file", copy.toString()))
                    .causedBy(e);
        }
    }

    private void fail(LiveRun live, PlumblineException e) {
        boolean cancelled = e.code() == ErrorCode.CANCELLED;
        if (cancelled && stopping && !live.unwanted()) {
            live.abandon();
        } else if (cancelled) {
            live.end(WorkState.CANCELLED, "");
        } else {
            String why = e.reason() + ": " + Failures.message(e);
            if (e.code() == ErrorCode.INTERNAL) {
                LOG.errorf(e, "%s failed", live.run().name());
            } else {
                LOG.warnf("%s failed: %s", live.run().name(), why);
            }
            live.end(WorkState.FAILED, why);
        }
    }
}
