package dev.plumbline.server.service;

import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceRows;
import dev.plumbline.engine.data.PreferenceRowsWriter;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.select.MiningListener;
import dev.plumbline.engine.train.Examination;
import dev.plumbline.engine.train.LossSpec;
import dev.plumbline.engine.train.Plan;
import dev.plumbline.engine.train.Trainer;
import dev.plumbline.engine.train.TrainingSpec;
import dev.plumbline.server.plugin.PluginHost;
import dev.plumbline.server.plugin.PluginUse;
import dev.plumbline.server.store.ModelChoice;
import dev.plumbline.server.store.RunSpec;
import jakarta.inject.Singleton;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Turns what a client wants into what the trainer takes. */
@Singleton
public final class EngineRunPlanner implements RunPlanner {
    private final KnownModels models;
    private final PluginHost plugins;
    private final NegativesMining mining;
    private final Datasets datasets;

    public EngineRunPlanner(
            KnownModels models, PluginHost plugins, NegativesMining mining, Datasets datasets) {
        this.models = models;
        this.plugins = plugins;
        this.mining = mining;
        this.datasets = datasets;
    }

    @Override
    public PlannedRun plan(RunSpec spec) {
        try (PluginUse use = plugins.use()) {
            LossSpec loss = loss(spec, use);
            mining.check(spec.negatives(), spec.seed());
            ModelChoice choice = models.find(ModelChoice.named(spec.model()), "spec.model");
            try (ModelLease lease = models.pin(choice, "spec.model")) {
                LoadedModel model = lease.served().model();
                TrainingSpec training = training(spec, loss, model);
                RunRows read = RunRows.read(spec, datasets, model);
                open(spec, lease, (phase, done, total) -> {});
                List<PreferenceExample> rows =
                        NegativesMining.outline(spec.negatives(), read.usable());
                Plan plan = new Trainer(model, use).plan(training, rows);
                return new PlannedRun(plan.without(read.skipped().summary()), choice);
            } catch (PlumblineException e) {
                throw Failures.inSpec(e);
            }
        }
    }

    @Override
    public PreparedRun prepare(
            RunSpec spec, ModelChoice model, Path folder, MiningListener listener) {
        var held = new Closing();
        try {
            PluginUse use = held.hold(plugins.use());
            LossSpec loss = loss(spec, use);
            ModelLease lease = held.hold(models.pin(model, "spec.model"));
            LoadedModel loaded = lease.served().model();
            TrainingSpec training = training(spec, loss, loaded);
            RunRows read = RunRows.read(spec, datasets, loaded);
            Optional<Path> mined = mined(spec, read.usable(), folder, listener);
            Trainer trainer = new Trainer(loaded, use);
            Optional<Examination> examination = open(spec, lease, listener::progress);
            return new PreparedRun(
                    lease,
                    use,
                    examination.map(trainer::examinedBy).orElse(trainer),
                    training,
                    mined.map(PreferenceRows::open).orElseGet(read::usable),
                    mined,
                    read.skipped());
        } catch (RuntimeException | Error e) {
            held.close();
            throw e;
        }
    }

    /** The rows with negatives chosen for the run, where some had none. */
    private Optional<Path> mined(
            RunSpec spec, List<PreferenceExample> rows, Path folder, MiningListener listener) {
        if (!spec.negatives().wanted()) {
            return Optional.empty();
        }
        Path file = folder.resolve("negatives.jsonl");
        if (!Files.exists(file)) {
            PreferenceRowsWriter.write(
                    file, mining.fill(spec.negatives(), rows, spec.seed(), listener));
        }
        return Optional.of(file);
    }

    private static Optional<Examination> open(
            RunSpec spec, ModelLease lease, PopeGate.Progress progress) {
        return spec.gate().wanted()
                ? Optional.of(Gates.open(spec.gate(), lease.served(), progress))
                : Optional.empty();
    }

    private static TrainingSpec training(RunSpec spec, LossSpec loss, LoadedModel model) {
        return new TrainingSpec(
                loss,
                LoraResolution.resolve(spec.lora(), model),
                EngineSettings.optimizer(spec.optimizer()),
                EngineSettings.batch(spec.batch()),
                spec.seed());
    }

    private static LossSpec loss(RunSpec spec, PluginUse use) {
        String expression = spec.loss().expression();
        try {
            List<String> names =
                    LossSpec.parse(expression, Map.of()).terms().stream()
                            .map(LossSpec.Term::loss)
                            .toList();
            return LossSpec.parse(expression, LossOptions.resolve(spec.loss(), names, use));
        } catch (PlumblineException e) {
            throw Failures.at(e, "spec.loss");
        }
    }
}
