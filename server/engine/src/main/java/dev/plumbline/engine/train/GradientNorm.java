package dev.plumbline.engine.train;

import java.util.List;

/** The L2 norm of all gradients together, and gradients held to one. */
final class GradientNorm {
    private GradientNorm() {}

    static double of(List<float[]> gradients) {
        double squares = 0;
        for (float[] gradient : gradients) {
            for (float value : gradient) {
                squares += (double) value * value;
            }
        }
        return Math.sqrt(squares);
    }

    /**
     * Scales gradients down as torch's {@code clip_grad_norm_} does.
     *
     * @param norm theirs
     * @param most 0 leaves them as they are
     */
    static void clip(List<float[]> gradients, double norm, double most) {
        float factor = (float) (most / (norm + 1e-6));
        if (most > 0 && factor < 1) {
            for (float[] gradient : gradients) {
                for (int i = 0; i < gradient.length; i++) {
                    gradient[i] *= factor;
                }
            }
        }
    }
}
