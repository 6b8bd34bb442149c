package dev.plumbline.server.service;

import dev.plumbline.engine.train.BatchSettings;
import dev.plumbline.engine.train.OptimizerSettings;
import dev.plumbline.server.store.BatchChoice;
import dev.plumbline.server.store.OptimizerChoice;
import java.util.Locale;

/** A run's settings in the trainer's types. */
final class EngineSettings {
    private EngineSettings() {}

    static OptimizerSettings optimizer(OptimizerChoice choice) {
        return new OptimizerSettings(
                choice.learningRate(),
                choice.warmup(),
                OptimizerSettings.Schedule.valueOf(constant(choice.schedule())),
                choice.maxGradNorm(),
                choice.weightDecay());
    }

    static BatchSettings batch(BatchChoice choice) {
        return new BatchSettings(
                choice.batchSize(),
                choice.epochs(),
                choice.maxSteps(),
                BatchSettings.Order.valueOf(constant(choice.order())),
                BatchSettings.Passes.valueOf(constant(choice.passes())),
                choice.microBatch());
    }

    /** {@code unit-weight} as {@code UNIT_WEIGHT}. */
    private static String constant(String value) {
        return value.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
