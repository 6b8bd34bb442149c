package dev.plumbline.server.service;

import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.UnusableRows;
import dev.plumbline.engine.train.Trainer;
import dev.plumbline.engine.train.TrainingSpec;
import dev.plumbline.server.plugin.PluginUse;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A run that can start. Holds its model and its plugins until it is closed.
 *
 * @param mined the file with the rows, where some of their negatives were chosen for this run
 * @param skipped rows that were left out
 */
record PreparedRun(
        ModelLease lease,
        PluginUse plugins,
        Trainer trainer,
        TrainingSpec spec,
        List<PreferenceExample> rows,
        Optional<Path> mined,
        UnusableRows skipped)
        implements AutoCloseable {
    @Override
    public void close() {
        lease.close();
        plugins.close();
    }
}
