package dev.plumbline.server.service;

import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.UnusableRows;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.train.Plan;
import dev.plumbline.engine.train.Trainer;
import dev.plumbline.engine.train.TrainingSpec;
import dev.plumbline.server.plugin.PluginUse;
import java.util.List;
import java.util.Map;

/**
 * A run that has been checked and can start. Holds its model and its plugins until it is closed.
 *
 * @param mined whether some of the rows' negatives were chosen for this run
 * @param skipped rows that were left out
 */
public record PreparedRun(
        ModelLease lease,
        PluginUse plugins,
        Trainer trainer,
        TrainingSpec spec,
        List<PreferenceExample> rows,
        boolean mined,
        UnusableRows skipped,
        Plan plan)
        implements AutoCloseable {
    private static final int TOLD = 3;

    /** Refuses a run whose plan says that it cannot be made. */
    void requirePossible() {
        List<String> problems = plan.problems();
        if (!problems.isEmpty()) {
            String told = String.join("; ", problems.subList(0, Math.min(TOLD, problems.size())));
            throw new PlumblineException(
                    ErrorCode.INVALID_ARGUMENT,
                    "ROWS_UNSUITABLE",
                    "this run cannot be made: %s (%d problems)".formatted(told, problems.size()),
                    Map.of("field", "spec.data", "problems", Integer.toString(problems.size())));
        }
    }

    @Override
    public void close() {
        lease.close();
        plugins.close();
    }
}
