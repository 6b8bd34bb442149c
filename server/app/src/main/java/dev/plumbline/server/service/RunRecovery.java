package dev.plumbline.server.service;

import dev.plumbline.server.config.PlumblineConfig;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/** Takes unfinished runs up again, once the models of the start are there. */
@Singleton
public final class RunRecovery {
    private final boolean wanted;
    private final ModelRegistry models;
    private final RunService runs;

    public RunRecovery(PlumblineConfig config, ModelRegistry models, RunService runs) {
        this.wanted = config.runs().goOn();
        this.models = models;
        this.runs = runs;
    }

    void start(@Observes StartupEvent event) {
        if (wanted) {
            models.onceStartedUp(runs::goOn);
        }
    }
}
