package dev.plumbline.server.service;

import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready once the models of the start are loaded. */
@Readiness
@Singleton
public final class ModelsReady implements HealthCheck {
    private final ModelRegistry models;

    public ModelsReady(ModelRegistry models) {
        this.models = models;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("models").status(models.isStartedUp()).build();
    }
}
