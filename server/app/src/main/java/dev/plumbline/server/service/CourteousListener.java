package dev.plumbline.server.service;

import dev.plumbline.engine.train.StepMetrics;
import dev.plumbline.engine.train.TrainingListener;
import java.util.List;

/** Between two steps of a run, lets others that train go first. */
record CourteousListener(TrainingListener listener, TrainingTurn turn) implements TrainingListener {
    @Override
    public void phase(String name, long done, long total) {
        listener.phase(name, done, total);
    }

    @Override
    public void step(StepMetrics metrics) {
        listener.step(metrics);
        turn.pass();
    }

    @Override
    public void resumed(int steps, List<String> notes) {
        listener.resumed(steps, notes);
    }
}
