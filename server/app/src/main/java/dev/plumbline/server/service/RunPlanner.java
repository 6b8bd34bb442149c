package dev.plumbline.server.service;

import dev.plumbline.server.store.RunSpec;

/** Prepares runs; everything that is wrong with one shows here. */
interface RunPlanner {
    /** Checks a run against plugins, model and data; the caller closes it. */
    PreparedRun prepare(RunSpec spec);
}
