package dev.plumbline.server.service;

import dev.plumbline.engine.checkpoint.SystemMemory;
import dev.plumbline.engine.generate.ServingLimits;
import dev.plumbline.engine.model.ModelFacts;
import dev.plumbline.server.config.PlumblineConfig;
import jakarta.inject.Singleton;

/** How much each model answers at a time, as configured. */
@Singleton
public final class ServingSettings {
    private final PlumblineConfig.Inference inference;

    public ServingSettings(PlumblineConfig config) {
        this.inference = config.inference();
    }

    /** For a model that has just been loaded. */
    ServingLimits limits(ModelFacts facts) {
        long free = new SystemMemory().availableBytes();
        ServingLimits usual = ServingLimits.of(facts, inference.slots(), inference.queue(), free);
        return new ServingLimits(
                usual.slots(),
                inference.kvCacheBytes().orElse(usual.kvBytes()),
                inference.prefixCacheBytes().orElse(usual.prefixBytes()),
                usual.chunk(),
                usual.queue());
    }
}
