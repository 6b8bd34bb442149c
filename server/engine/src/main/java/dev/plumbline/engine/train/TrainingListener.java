package dev.plumbline.engine.train;

import java.util.List;

/** Told of a run's progress, on the run's own thread. */
public interface TrainingListener {
    /** Work within a step, which takes minutes with a large model. */
    void phase(String name, long done, long total);

    void step(StepMetrics metrics);

    /**
     * The run goes on from a checkpoint; of later steps, of which there may have been news, nothing
     * remains.
     *
     * @param steps that are behind it
     * @param notes what people should know, such as which newer checkpoint is damaged
     */
    default void resumed(int steps, List<String> notes) {}
}
