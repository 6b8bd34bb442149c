package dev.plumbline.server.service;

import dev.plumbline.engine.data.PartialRows;
import dev.plumbline.engine.data.PreferenceData;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceRows;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.select.Miner;
import dev.plumbline.engine.select.MiningListener;
import dev.plumbline.engine.select.Showings;
import dev.plumbline.server.service.OperationJobs.Assignment;
import dev.plumbline.server.store.ModelChoice;
import dev.plumbline.server.store.OperationOutcome;
import dev.plumbline.server.store.OperationTask;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Mines a data set into a file, row by row, so that a later process can go on with it. */
@Singleton
public final class MiningJob {
    private final Selections selections;
    private final Datasets datasets;
    private final BasePreferences preferences;

    public MiningJob(Selections selections, Datasets datasets, BasePreferences preferences) {
        this.selections = selections;
        this.datasets = datasets;
        this.preferences = preferences;
    }

    OperationTask.Mining prepare(OperationTask.Mining wanted) {
        Path output = Paths.of(wanted.output(), "output");
        MinedOutput.check(output);
        Path data = datasets.file(wanted.data(), "data");
        if (Paths.same(data, output)) {
            throw PlumblineException.invalid(
                    "output",
                    "OUTPUT_IS_INPUT",
                    "output is the data itself, %s: give another file".formatted(data),
                    Map.of("file", data.toString()));
        }
        var _ = datasets.rows(wanted.data(), "data", wanted.rows());
        var selection = selections.prepare(wanted.selection(), SelectionFields.SELECTION);
        ModelChoice model = preferences.prepare(wanted.model());
        return new OperationTask.Mining(
                selection, wanted.data(), wanted.rows(), output.toString(), model);
    }

    OperationOutcome run(OperationTask.Mining task, Assignment assignment) {
        var output = new MinedOutput(Path.of(task.output()), assignment);
        PreferenceData data = datasets.rows(task.data(), "data", task.rows());
        MiningListener listener = assignment.miningListener();
        try (OpenSelection selection =
                        selections.open(
                                task.selection(),
                                SelectionFields.SELECTION,
                                output.pictures(),
                                listener);
                BasePreferences.Flags flags =
                        preferences.open(task.model(), assignment.cancellation());
                PartialRows partial =
                        output.open(
                                selection.fingerprint()
                                        + "\n"
                                        + data.digest()
                                        + "\n"
                                        + task.model().name())) {
            Showings showings = mine(selection, data.rows(), partial, flags);
            List<PreferenceExample> all = PreferenceRows.open(output.partial());
            output.skipped(data.unusable());
            return output.finish(partial, all, task.selection(), selection, showings);
        }
    }

    /** Closes the selector too, which may fail, so that a failed mining leaves no output. */
    private static Showings mine(
            OpenSelection selection,
            List<PreferenceExample> rows,
            PartialRows partial,
            BasePreferences.Flags flags) {
        try (Miner miner = selection.miner(rows)) {
            selection.mineInto(miner, partial, flags::apply);
            return miner.showings();
        }
    }

    void discard(OperationTask.Mining task, Assignment assignment) {
        new MinedOutput(Path.of(task.output()), assignment).discard();
    }
}
