package dev.plumbline.server.service;

import dev.plumbline.engine.data.PreferenceData;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.UnusableRow;
import dev.plumbline.engine.data.UnusableRows;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.train.RowCheck;
import dev.plumbline.server.store.RunSpec;
import java.util.List;
import java.util.Map;

/**
 * A run's rows.
 *
 * @param skipped those that were left out, as the spec asked for
 */
record RunRows(List<PreferenceExample> usable, UnusableRows skipped) {
    /** Reads them; where bad ones are skipped, those too that do not suit the model. */
    static RunRows read(RunSpec spec, Datasets datasets, LoadedModel model) {
        PreferenceData data = datasets.rows(spec.data(), "spec.data", spec.rows());
        if (!spec.rows().skips()) {
            return new RunRows(data.rows(), UnusableRows.NONE);
        }
        RowCheck check = RowCheck.of(model, data.rows(), Cancellation.none());
        UnusableRows skipped = data.unusable().plus(check.unusable());
        if (check.usable().isEmpty()) {
            UnusableRow first = check.unusable().getFirst();
            throw PlumblineException.invalid(
                    "spec.data",
                    "ROWS_UNSUITABLE",
                    "no row is left to train on; %d were skipped, such as %s"
                            .formatted(skipped.count(), first.message()),
                    Map.of("skipped", Long.toString(skipped.count())));
        }
        return new RunRows(check.usable(), skipped);
    }
}
