package dev.plumbline.engine.train;

/** Told of a run's progress, on the run's own thread. */
public interface TrainingListener {
    /** Work within a step, which takes minutes with a large model. */
    void phase(String name, long done, long total);

    void step(StepMetrics metrics);
}
