package dev.plumbline.server.service;

import dev.plumbline.server.config.PlumblineConfig;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;

/** Ends things in their order: work, then the threads, then the models, then the runtime. */
@Singleton
public final class Shutdown {
    private final RunService runs;
    private final TrainingSessions sessions;
    private final OperationService operations;
    private final Pools pools;
    private final ModelRegistry models;
    private final EngineRuntime engine;
    private final Duration patience;

    public Shutdown(
            PlumblineConfig config,
            RunService runs,
            TrainingSessions sessions,
            OperationService operations,
            Pools pools,
            ModelRegistry models,
            EngineRuntime engine) {
        this.patience = config.limits().shutdown();
        this.runs = runs;
        this.sessions = sessions;
        this.operations = operations;
        this.pools = pools;
        this.models = models;
        this.engine = engine;
    }

    void stop(@Observes ShutdownEvent event) {
        runs.stop(patience);
        sessions.stop(patience);
        operations.stop(patience);
        pools.stop(patience);
        models.close();
        engine.close();
    }
}
