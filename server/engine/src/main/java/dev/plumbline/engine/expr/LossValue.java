package dev.plumbline.engine.expr;

import java.util.Map;

/**
 * A row's loss and how it changes with each log-probability of the policy that it reads.
 *
 * @param gradients one number for an answer, one a negative for {@link LossInput#NEGATIVES}
 */
public record LossValue(double loss, Map<LossInput, float[]> gradients) {
    public LossValue {
        gradients = Map.copyOf(gradients);
    }

    /** The derivative with respect to one log-probability; 0 where the loss does not read it. */
    public double gradient(LossInput input, int index) {
        float[] values = gradients.get(input);
        return values == null ? 0 : values[index];
    }

    /** Whether the loss and all derivatives are. */
    public boolean isFinite() {
        boolean finite = Double.isFinite(loss);
        for (float[] values : gradients.values()) {
            for (float value : values) {
                finite &= Float.isFinite(value);
            }
        }
        return finite;
    }
}
