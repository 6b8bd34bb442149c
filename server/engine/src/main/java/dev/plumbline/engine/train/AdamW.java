package dev.plumbline.engine.train;

import java.util.List;

/**
 * AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101), in the order of operations of torch's
 * {@code AdamW}: betas 0.9 and 0.999, eps 1e-8.
 */
final class AdamW {
    private static final double BETA_1 = 0.9;
    private static final double BETA_2 = 0.999;
    private static final double EPSILON = 1e-8;

    private final double weightDecay;
    private final List<float[]> first;
    private final List<float[]> second;
    private int steps;

    AdamW(List<float[]> parameters, double weightDecay) {
        this.weightDecay = weightDecay;
        this.first = parameters.stream().map(p -> new float[p.length]).toList();
        this.second = parameters.stream().map(p -> new float[p.length]).toList();
    }

    /** Updates so far. */
    int steps() {
        return steps;
    }

    /** The running means of gradients, one array a parameter; to be moved in place. */
    List<float[]> firstMoments() {
        return first;
    }

    /** The running means of squared gradients. */
    List<float[]> secondMoments() {
        return second;
    }

    /** Goes on after so many updates, once the moments are what they were then. */
    void restore(int updates) {
        steps = updates;
    }

    /** Moves the parameters against their gradients. */
    void step(List<float[]> parameters, List<float[]> gradients, double learningRate) {
        steps++;
        float stepSize = (float) (learningRate / (1 - Math.pow(BETA_1, steps)));
        float correction = (float) Math.sqrt(1 - Math.pow(BETA_2, steps));
        float decay = (float) (1 - learningRate * weightDecay);
        for (int i = 0; i < parameters.size(); i++) {
            update(
                    parameters.get(i),
                    gradients.get(i),
                    first.get(i),
                    second.get(i),
                    new Rates(stepSize, correction, decay));
        }
    }

    private record Rates(float stepSize, float correction, float decay) {}

    private static void update(float[] p, float[] g, float[] m, float[] v, Rates rates) {
        float keep1 = (float) BETA_1;
        float keep2 = (float) BETA_2;
        float take1 = (float) (1 - BETA_1);
        float take2 = (float) (1 - BETA_2);
        for (int i = 0; i < p.length; i++) {
            m[i] = keep1 * m[i] + take1 * g[i];
            v[i] = keep2 * v[i] + take2 * g[i] * g[i];
            float scale = (float) Math.sqrt(v[i]) / rates.correction + (float) EPSILON;
            p[i] = p[i] * rates.decay - rates.stepSize * (m[i] / scale);
        }
    }
}
