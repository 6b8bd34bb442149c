package dev.plumbline.engine.train;

import dev.plumbline.engine.error.PlumblineException;

/**
 * How parameters move: AdamW with betas 0.9 and 0.999 and eps 1e-8.
 *
 * @param warmup a fraction of all steps
 * @param maxGradNorm 0 is off
 */
public record OptimizerSettings(
        double learningRate,
        double warmup,
        Schedule schedule,
        double maxGradNorm,
        double weightDecay) {
    /** The learning rate after the warm-up. */
    public enum Schedule {
        COSINE,
        CONSTANT
    }

    public OptimizerSettings {
        require(learningRate > 0, "learning_rate", "above 0", learningRate);
        require(warmup >= 0 && warmup <= 1, "warmup", "from 0 to 1", warmup);
        require(maxGradNorm >= 0, "max_grad_norm", "at least 0", maxGradNorm);
        require(weightDecay >= 0, "weight_decay", "at least 0", weightDecay);
    }

    private static void require(boolean condition, String field, String range, double value) {
        if (!condition || !Double.isFinite(value)) {
            throw PlumblineException.invalid(
                    field,
                    "OUT_OF_RANGE",
                    "%s must be a number %s, not %s".formatted(field, range, value));
        }
    }

    /**
     * The learning rate of a step: linear up to the full rate, then along half a cosine to 0, or
     * constant. training.proto tells clients this formula (OptimStep): change both or neither.
     *
     * @param step from 0
     */
    double learningRate(int step, int steps) {
        long warm = warmup == 0 ? 0 : Math.max(1, Math.round(warmup * steps));
        if (step < warm) {
            return learningRate * (step + 1) / warm;
        }
        if (schedule == Schedule.CONSTANT) {
            return learningRate;
        }
        double done = (double) (step - warm) / Math.max(1, steps - warm);
        return learningRate * 0.5 * (1 + Math.cos(Math.PI * done));
    }
}
