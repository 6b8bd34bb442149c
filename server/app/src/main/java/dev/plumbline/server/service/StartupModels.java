package dev.plumbline.server.service;

import dev.plumbline.engine.checkpoint.LoadProgress;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoadOptions;
import dev.plumbline.engine.tensor.Precision;
import dev.plumbline.server.config.PlumblineConfig;
import dev.plumbline.server.config.PlumblineConfig.StartModel;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import org.jboss.logging.Logger;

/** Loads the models of the start beside it; one that cannot be loaded ends the server. */
@Singleton
public final class StartupModels {
    private static final Logger LOG = Logger.getLogger(StartupModels.class);

    private final Map<String, StartModel> wanted;
    private final ModelRegistry models;
    private final IntConsumer exit;

    @Inject
    public StartupModels(PlumblineConfig config, ModelRegistry models) {
        this(config.models(), models, Quarkus::asyncExit);
    }

    StartupModels(Map<String, StartModel> wanted, ModelRegistry models, IntConsumer exit) {
        this.wanted = new TreeMap<>(wanted);
        this.models = models;
        this.exit = exit;
    }

    void start(@Observes StartupEvent event) {
        Thread.ofPlatform().name("plumbline-startup").daemon().start(this::loadAll);
    }

    void loadAll() {
        for (var entry : wanted.entrySet()) {
            Path folder = entry.getValue().folder();
            try {
                ServedModel served =
                        models.load(folder.toString(), entry.getKey(), options(entry.getValue()));
                LOG.infof(
                        "Loaded %s from %s in %s",
                        served.name(), folder, served.model().precision());
            } catch (PlumblineException e) {
                LOG.errorf(
                        "Cannot load model %s from %s: %s", entry.getKey(), folder, e.getMessage());
                models.startFailed(e);
                exit.accept(1);
                return;
            } catch (Throwable e) {
                LOG.errorf(e, "Cannot load model %s from %s", entry.getKey(), folder);
                models.startFailed(e);
                exit.accept(1);
                return;
            }
        }
        models.startedUp();
    }

    private static LoadOptions options(StartModel model) {
        return new LoadOptions(
                Precision.parse(model.precision()), model.contextLength(), LoadProgress.NONE);
    }
}
