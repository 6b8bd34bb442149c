package dev.plumbline.server.service;

import dev.plumbline.engine.train.TrainingSession;
import dev.plumbline.server.store.RunRecord;

/**
 * A training session that is open.
 *
 * @param planned what a run of its settings would take; such a run there is not
 * @param prepared model, plugins and rows, held until it is closed
 */
record LiveSession(RunRecord planned, PreparedRun prepared, TrainingSession session)
        implements AutoCloseable {
    String id() {
        return planned.id();
    }

    @Override
    public void close() {
        var held = new Closing();
        held.hold(prepared);
        held.hold(session);
        held.close();
    }
}
