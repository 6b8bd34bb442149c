package dev.plumbline.server.service;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.select.MiningListener;
import dev.plumbline.engine.train.StepMetrics;
import dev.plumbline.engine.train.TrainingListener;
import dev.plumbline.server.store.RunRecord;
import dev.plumbline.server.store.RunStore;
import dev.plumbline.server.store.WorkState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** A run in memory: what changes it is written to the store and told to those who watch. */
final class LiveRun implements TrainingListener {
    private static final Logger LOG = Logger.getLogger(LiveRun.class);
    private static final long SAVE_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final RunStore store;
    private final boolean owned;
    private final Cancellation cancellation = new Cancellation();
    private volatile boolean unwanted;
    private final List<Runnable> watchers = new CopyOnWriteArrayList<>();
    private RunRecord run;
    private @Nullable List<StepMetrics> steps;
    private RunUpdate.@Nullable Phase phase;
    private long savedAt = System.nanoTime();

    /**
     * @param owned false for a run of another server on the same folder
     */
    LiveRun(RunStore store, RunRecord run, boolean owned) {
        this.store = store;
        this.run = run;
        this.owned = owned;
    }

    boolean owned() {
        return owned;
    }

    Cancellation cancellation() {
        return cancellation;
    }

    /** Stops the work because nobody wants it any more. */
    void cancel() {
        unwanted = true;
        cancellation.cancel();
    }

    /** Whether it was cancelled, rather than interrupted by the end of the server. */
    boolean unwanted() {
        return unwanted;
    }

    /** Hears of the choosing of negatives, which comes before the steps. */
    MiningListener miningListener() {
        return new MiningListener() {
            @Override
            public void progress(String name, long done, long total) {
                phase(name, done, total);
            }

            @Override
            public Cancellation cancellation() {
                return cancellation;
            }
        };
    }

    /** Leaves the run, unfinished, to the next server. */
    void abandon() {
        synchronized (this) {
            run = run.requeued();
            phase = null;
            try {
                save();
            } catch (PlumblineException e) {
                LOG.warnf("%s is left as it was last written: %s", run.id(), e.getMessage());
            }
            store.release(run.id());
        }
        tell();
    }

    synchronized RunRecord run() {
        return run;
    }

    /** Whether the run was still waiting, and now runs. */
    boolean start() {
        synchronized (this) {
            if (run.state() != WorkState.QUEUED) {
                return false;
            }
            run = run.started();
            save();
        }
        tell();
        return true;
    }

    /** Ends the run if it has not ended; whether it did. */
    boolean end(WorkState end, String why) {
        return end(false, end, why);
    }

    /** Ends the run if it waits; whether it did. */
    boolean endWaiting(WorkState end, String why) {
        return end(true, end, why);
    }

    private boolean end(boolean onlyWaiting, WorkState end, String why) {
        synchronized (this) {
            WorkState now = run.state();
            if (now.ended() || (onlyWaiting && now != WorkState.QUEUED)) {
                return false;
            }
            run = run.ended(end, why);
            phase = null;
            try {
                save();
            } catch (PlumblineException e) {
                LOG.errorf("%s ended as %s, which cannot be written: %s", run.id(), end, why);
            }
            store.release(run.id());
        }
        tell();
        return true;
    }

    @Override
    public void phase(String name, long done, long total) {
        synchronized (this) {
            phase = new RunUpdate.Phase(name, done, total);
        }
        tell();
    }

    @Override
    public void step(StepMetrics metrics) {
        synchronized (this) {
            steps().add(metrics);
            store.append(run.id(), metrics);
            run = run.stepped(metrics);
            phase = null;
            if (System.nanoTime() - savedAt > SAVE_EVERY_NANOS) {
                save();
            }
        }
        tell();
    }

    /** What came after the checkpoint will come again. */
    @Override
    public void resumed(int done, List<String> notes) {
        synchronized (this) {
            List<StepMetrics> known = steps();
            known.subList(Math.min(done, known.size()), known.size()).clear();
            store.rewriteMetrics(run.id(), known);
            run = run.resumed(done, notes);
            save();
        }
        notes.forEach(note -> LOG.warnf("%s: %s", run.name(), note));
        LOG.infof("%s goes on after step %d", run.name(), done);
        tell();
    }

    void addWatcher(Runnable watcher) {
        watchers.add(watcher);
    }

    void removeWatcher(Runnable watcher) {
        watchers.remove(watcher);
    }

    /** The step after so many that are known, if it was made. */
    synchronized Optional<StepMetrics> stepAfter(int known) {
        return known < steps().size() ? Optional.of(steps().get(known)) : Optional.empty();
    }

    synchronized Optional<RunUpdate.Phase> phase() {
        return Optional.ofNullable(phase);
    }

    private List<StepMetrics> steps() {
        List<StepMetrics> known = steps;
        if (known == null) {
            known = new ArrayList<>(store.metrics(run.id()));
            steps = known;
        }
        return known;
    }

    private void save() {
        store.save(run);
        savedAt = System.nanoTime();
    }

    private void tell() {
        watchers.forEach(Runnable::run);
    }
}
