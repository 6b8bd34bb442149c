package dev.plumbline.server.service;

import dev.plumbline.engine.checkpoint.LoadProgress;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.ClipModel;
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
    private final Map<String, Path> clips;
    private final ModelRegistry models;
    private final IntConsumer exit;

    @Inject
    public StartupModels(PlumblineConfig config, ModelRegistry models) {
        this(config.models(), config.clips(), models, Quarkus::asyncExit);
    }

    StartupModels(
            Map<String, StartModel> wanted,
            Map<String, Path> clips,
            ModelRegistry models,
            IntConsumer exit) {
        this.wanted = new TreeMap<>(wanted);
        this.clips = new TreeMap<>(clips);
        this.models = models;
        this.exit = exit;
    }

    void start(@Observes StartupEvent event) {
        Thread.ofPlatform().name("plumbline-startup").daemon().start(this::loadAll);
    }

    void loadAll() {
        for (var entry : wanted.entrySet()) {
            if (!load(entry.getKey(), entry.getValue().folder(), options(entry.getValue()))) {
                return;
            }
        }
        for (var entry : clips.entrySet()) {
            if (!loadClip(entry.getKey(), entry.getValue())) {
                return;
            }
        }
        models.startedUp();
    }

    private boolean load(String id, Path folder, LoadOptions options) {
        return tried(
                id,
                folder,
                () -> {
                    Hosted served = models.load(folder.toString(), id, options);
                    LOG.infof(
                            "Loaded %s from %s in %s", served.name(), folder, options.precision());
                });
    }

    private boolean loadClip(String id, Path folder) {
        return tried(
                id,
                folder,
                () -> {
                    if (!ClipModel.isAt(folder)) {
                        throw notClip(folder);
                    }
                    Hosted served = models.load(folder.toString(), id, LoadOptions.DEFAULT);
                    LOG.infof("Loaded %s from %s", served.name(), folder);
                });
    }

    /** False where the server has to end. */
    private boolean tried(String id, Path folder, Runnable load) {
        try {
            load.run();
            return true;
        } catch (PlumblineException e) {
            LOG.errorf("Cannot load model %s from %s: %s", id, folder, e.getMessage());
            models.startFailed(e);
        } catch (Throwable e) {
            LOG.errorf(e, "Cannot load model %s from %s", id, folder);
            models.startFailed(e);
        }
        exit.accept(1);
        return false;
    }

    private static PlumblineException notClip(Path folder) {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "MODEL_NOT_CLIP",
                "config.json says that it is no CLIP model: give it as a model",
                Map.of("path", folder.toString()));
    }

    private static LoadOptions options(StartModel model) {
        return new LoadOptions(
                Precision.parse(model.precision()), model.contextLength(), LoadProgress.NONE);
    }
}
