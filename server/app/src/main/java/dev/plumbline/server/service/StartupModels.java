package dev.plumbline.server.service;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.server.config.PlumblineConfig;
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

    private final Map<String, Path> folders;
    private final ModelRegistry models;
    private final IntConsumer exit;

    @Inject
    public StartupModels(PlumblineConfig config, ModelRegistry models) {
        this(config.models(), models, Quarkus::asyncExit);
    }

    StartupModels(Map<String, Path> folders, ModelRegistry models, IntConsumer exit) {
        this.folders = new TreeMap<>(folders);
        this.models = models;
        this.exit = exit;
    }

    void start(@Observes StartupEvent event) {
        Thread.ofPlatform().name("plumbline-startup").daemon().start(this::loadAll);
    }

    void loadAll() {
        for (var entry : folders.entrySet()) {
            try {
                ServedModel served = models.load(entry.getValue().toString(), entry.getKey());
                LOG.infof("Loaded %s from %s", served.name(), entry.getValue());
            } catch (PlumblineException e) {
                LOG.errorf(
                        "Cannot load model %s from %s: %s",
                        entry.getKey(), entry.getValue(), e.getMessage());
                models.startFailed(e);
                exit.accept(1);
                return;
            } catch (Throwable e) {
                LOG.errorf(e, "Cannot load model %s from %s", entry.getKey(), entry.getValue());
                models.startFailed(e);
                exit.accept(1);
                return;
            }
        }
        models.startedUp();
    }
}
