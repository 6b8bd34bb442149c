package dev.plumbline.server.service;

import dev.plumbline.engine.train.StepMetrics;
import dev.plumbline.server.store.RunRecord;
import java.util.Optional;

/**
 * News of a run.
 *
 * @param run as it now stands
 * @param step where one was made
 * @param phase where one goes on
 */
public record RunUpdate(RunRecord run, Optional<StepMetrics> step, Optional<Phase> phase) {
    /** What goes on before the first step, and how far it is. */
    public record Phase(String name, long done, long total) {}
}
