package dev.plumbline.server.service;

import dev.plumbline.engine.train.StepMetrics;
import dev.plumbline.server.store.RunRecord;
import dev.plumbline.server.store.WorkState;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One watcher's place in a run. It asks for the next piece of news when it can take one, so that a
 * slow watcher holds a number and no buffer: every step comes, of phases the latest.
 */
public final class RunWatch implements AutoCloseable {
    private final LiveRun live;
    private final Runnable signal;
    private int steps;
    private @Nullable WorkState told;
    private RunUpdate.@Nullable Phase phase;

    RunWatch(LiveRun live, Runnable signal) {
        this.live = live;
        this.signal = signal;
        live.addWatcher(signal);
    }

    /** The next piece of news, if there is one now; else the signal comes when there is. */
    public synchronized Optional<RunUpdate> poll() {
        synchronized (live) {
            RunRecord run = live.run();
            if (told == null) {
                told = firstState(run);
                return Optional.of(new RunUpdate(run, Optional.empty(), Optional.empty()));
            }
            Optional<StepMetrics> step = live.stepAfter(steps);
            if (step.isPresent()) {
                steps++;
                return Optional.of(new RunUpdate(run, step, Optional.empty()));
            }
            Optional<RunUpdate.Phase> now = live.phase();
            if (now.isPresent() && !now.get().equals(phase)) {
                phase = now.get();
                return Optional.of(new RunUpdate(run, Optional.empty(), now));
            }
            if (told != run.state()) {
                told = run.state();
                return Optional.of(new RunUpdate(run, Optional.empty(), Optional.empty()));
            }
            return Optional.empty();
        }
    }

    /** Whether everything was told and nothing more will happen. */
    public synchronized boolean ended() {
        return told != null && told.ended();
    }

    @Override
    public void close() {
        live.removeWatcher(signal);
    }

    /** The end is told last, after the steps, also to one who comes when all is over. */
    private static WorkState firstState(RunRecord run) {
        return run.state().ended() ? WorkState.RUNNING : run.state();
    }
}
