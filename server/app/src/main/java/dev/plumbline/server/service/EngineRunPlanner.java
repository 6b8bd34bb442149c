package dev.plumbline.server.service;

import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.train.LossSpec;
import dev.plumbline.engine.train.Plan;
import dev.plumbline.engine.train.Trainer;
import dev.plumbline.engine.train.TrainingSpec;
import dev.plumbline.server.plugin.PluginHost;
import dev.plumbline.server.plugin.PluginUse;
import dev.plumbline.server.store.RunSpec;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;

/** Turns what a client wants into what the trainer takes. */
@Singleton
public final class EngineRunPlanner implements RunPlanner {
    private final ModelRegistry models;
    private final PluginHost plugins;
    private final NegativesMining mining;
    private final Datasets datasets;

    public EngineRunPlanner(
            ModelRegistry models, PluginHost plugins, NegativesMining mining, Datasets datasets) {
        this.models = models;
        this.plugins = plugins;
        this.mining = mining;
        this.datasets = datasets;
    }

    @Override
    public PreparedRun prepare(RunSpec spec) {
        PluginUse use = plugins.use();
        try {
            return prepare(spec, use);
        } catch (RuntimeException | Error e) {
            use.close();
            throw e;
        }
    }

    private PreparedRun prepare(RunSpec spec, PluginUse use) {
        LossSpec loss = loss(spec, use);
        mining.check(spec.negatives(), spec.seed());
        ModelLease lease = models.pin(spec.model(), "spec.model");
        try {
            LoadedModel model = lease.served().model();
            TrainingSpec training = training(spec, loss, model);
            RunRows read = RunRows.read(spec, datasets, model);
            List<PreferenceExample> rows = read.usable();
            List<PreferenceExample> mined = mining.fill(spec.negatives(), rows, spec.seed());
            var trainer = new Trainer(model, use);
            Plan plan = trainer.plan(training, mined).without(read.skipped().summary());
            return new PreparedRun(
                    lease,
                    use,
                    trainer,
                    training,
                    mined,
                    !mined.equals(rows),
                    read.skipped(),
                    plan);
        } catch (PlumblineException e) {
            lease.close();
            throw Failures.inSpec(e);
        } catch (RuntimeException e) {
            lease.close();
            throw e;
        }
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
