package dev.plumbline.engine.train;

import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Runtime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Trains LoRA adapters of one model. */
public final class Trainer {
    private final LoadedModel model;
    private final LossCatalog catalog;
    private final Runtime runtime;
    private final Optional<Examination> examination;

    public Trainer(LoadedModel model, LossCatalog catalog) {
        this(model, catalog, Optional.empty());
    }

    private Trainer(LoadedModel model, LossCatalog catalog, Optional<Examination> examination) {
        this.model = model;
        this.catalog = catalog;
        this.runtime = model.sessions().runtime();
        this.examination = examination;
    }

    /** The same, whose runs are examined as they go. */
    public Trainer examinedBy(Examination other) {
        return new Trainer(model, catalog, Optional.of(other));
    }

    /**
     * What a run would take, without training: every row is read as the run would read it, its
     * images excepted.
     *
     * @throws PlumblineException what is wrong with losses, options, targets or the adapter to
     *     start from; what is wrong with rows is among the plan's problems
     */
    public Plan plan(TrainingSpec spec, List<PreferenceExample> rows) {
        try (LossTerms losses = LossTerms.compile(spec.loss(), catalog, runtime)) {
            return Planner.plan(model, spec, losses, rows);
        }
    }

    /** Plans and trains; see the other. */
    public void run(
            TrainingSpec spec,
            List<PreferenceExample> rows,
            Path output,
            TrainingListener listener,
            Cancellation cancellation) {
        run(spec, plan(spec, rows), rows, RunFiles.of(output), listener, cancellation);
    }

    /**
     * Trains, and writes {@code adapter_config.json}, {@code adapter_model.safetensors} and {@code
     * metrics.jsonl} into a folder, and TensorBoard's file; the adapter appears when the run is
     * complete. Where there are checkpoints, it goes on from the newest whole one, and ends with
     * the adapter of a run that was never interrupted, bit for bit, on the same machine with the
     * same number of threads.
     *
     * @param plan made for this specification and these rows
     * @throws PlumblineException {@code CANCELLED}, {@code LOSS_NOT_FINITE}, {@code
     *     CHECKPOINT_OF_ANOTHER_RUN}, or what is wrong with the specification, a row, an image or a
     *     folder
     */
    public void run(
            TrainingSpec spec,
            Plan plan,
            List<PreferenceExample> rows,
            RunFiles files,
            TrainingListener listener,
            Cancellation cancellation) {
        try (LossTerms losses = LossTerms.compile(spec.loss(), catalog, runtime)) {
            rows.forEach(losses::requireSuitable);
            new TrainingLoop(model, spec, plan, rows, losses, files, listener)
                    .run(
                            new RunMonitor(
                                    spec.loss().text(),
                                    losses.inputs(),
                                    files.output(),
                                    examination),
                            cancellation);
        } catch (IOException e) {
            throw new PlumblineException(
                            ErrorCode.FAILED_PRECONDITION,
                            "FILE_NOT_WRITABLE",
                            "cannot write to " + files.output() + ": " + e.getMessage(),
                            Map.of("field", "output", "file", files.output().toString()))
                    .causedBy(e);
        }
    }
}
