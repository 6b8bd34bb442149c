package dev.plumbline.server.service;

import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.train.Plan;
import dev.plumbline.engine.train.Trainer;
import dev.plumbline.engine.train.TrainingSpec;
import java.util.List;

/**
 * A run that has been checked and can start. Holds its model until it is closed.
 *
 * @param mined whether some of the rows' negatives were chosen for this run
 */
record PreparedRun(
        ModelLease lease,
        Trainer trainer,
        TrainingSpec spec,
        List<PreferenceExample> rows,
        boolean mined,
        Plan plan)
        implements AutoCloseable {
    @Override
    public void close() {
        lease.close();
    }
}
