package dev.plumbline.server.store;

import java.util.List;

/**
 * How a run steps.
 *
 * @param warmup a fraction of all steps
 * @param maxGradNorm 0 is off
 */
public record OptimizerChoice(
        double learningRate,
        double warmup,
        String schedule,
        double maxGradNorm,
        double weightDecay) {
    public static final double DEFAULT_LEARNING_RATE = 1e-5;
    public static final double DEFAULT_WARMUP = 0.03;
    public static final double DEFAULT_MAX_GRAD_NORM = 1;
    public static final List<String> SCHEDULES = List.of("cosine", "constant");

    public OptimizerChoice {
        SpecChecks.positive("spec.learning_rate", learningRate);
        SpecChecks.between("spec.warmup", warmup, 0, 1);
        SpecChecks.oneOf("spec.schedule", schedule, SCHEDULES);
        SpecChecks.notNegative("spec.max_grad_norm", maxGradNorm);
        SpecChecks.notNegative("spec.weight_decay", weightDecay);
    }
}
