package dev.plumbline.server.service;

import dev.plumbline.engine.select.MiningListener;
import dev.plumbline.server.store.ModelChoice;
import dev.plumbline.server.store.RunSpec;
import java.nio.file.Path;

/** Tells what runs take, and gets what they need. */
interface RunPlanner {
    /** Checks a run against plugins, model and data; nothing is mined yet. */
    PlannedRun plan(RunSpec spec);

    /**
     * Gets all that a run trains with, in this process or in a later one. Missing negatives are
     * mined, which takes long, unless they were before.
     *
     * @param model with where it lies
     * @param folder for the rows with their negatives
     * @return to be closed by the caller
     */
    PreparedRun prepare(RunSpec spec, ModelChoice model, Path folder, MiningListener listener);
}
