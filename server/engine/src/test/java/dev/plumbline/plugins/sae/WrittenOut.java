package dev.plumbline.plugins.sae;

import dev.plumbline.spi.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The selector's formulas as they are printed, with whole difference vectors in double precision.
 */
final class WrittenOut {
    private final Autoencoder autoencoder;
    private final Activation activation;
    private final double[][] z;
    private final double[] errors;

    WrittenOut(
            Autoencoder autoencoder,
            Activation activation,
            float[] own,
            float[] text,
            float[][] candidates) {
        this.autoencoder = autoencoder;
        this.activation = activation;
        this.z = new double[candidates.length][];
        this.errors = new double[candidates.length];
        for (int i = 0; i < candidates.length; i++) {
            double[] d = difference(own, candidates[i], text);
            z[i] = encode(d);
            errors[i] = error(d, z[i]);
        }
    }

    private static double[] difference(float[] own, float[] candidate, float[] text) {
        double[] d = new double[own.length * text.length];
        for (int i = 0; i < own.length; i++) {
            for (int j = 0; j < text.length; j++) {
                d[i * text.length + j] =
                        (double) own[i] * text[j] - (double) candidate[i] * text[j];
            }
        }
        return d;
    }

    private double[] encode(double[] d) {
        double[] activations = new double[autoencoder.latents()];
        for (int j = 0; j < activations.length; j++) {
            double sum = autoencoder.encoderBias().get(j);
            for (int i = 0; i < d.length; i++) {
                sum += autoencoder.encoder().get(j * d.length + i) * d[i];
            }
            activations[j] =
                    activation.kind() == Activation.Kind.KL
                            ? 1 / (1 + Math.exp(-sum))
                            : Math.max(0, sum);
        }
        if (activation.kind() == Activation.Kind.TOP_K) {
            double[] sorted = activations.clone();
            Arrays.sort(sorted);
            double least = sorted[sorted.length - activation.kept()];
            for (int j = 0; j < activations.length; j++) {
                activations[j] = activations[j] < least ? 0 : activations[j];
            }
        }
        return activations;
    }

    private double error(double[] d, double[] activations) {
        double error = 0;
        for (int i = 0; i < d.length; i++) {
            double rest = d[i] - autoencoder.decoderBias().get(i);
            for (int j = 0; j < activations.length; j++) {
                rest -= activations[j] * autoencoder.decoder().get(j * d.length + i);
            }
            error += rest * rest;
        }
        return error;
    }

    double[][] z() {
        return z;
    }

    double[] errors() {
        return errors;
    }

    /** Eq. 12. */
    double[] scores() {
        double mostError = 0;
        double mostActivation = 0;
        for (int i = 0; i < errors.length; i++) {
            mostError = Math.max(mostError, errors[i]);
            mostActivation = Math.max(mostActivation, strength(i));
        }
        double[] scores = new double[errors.length];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = errors[i] / mostError + strength(i) / mostActivation;
        }
        return scores;
    }

    private double strength(int candidate) {
        double sum = 0;
        for (double value : z[candidate]) {
            sum += Math.abs(value);
        }
        return sum;
    }

    /** Algorithm 1, with the values that each choice was the greatest of. */
    List<double[]> greedy(int k, double diversityWeight) {
        double[] scores = scores();
        List<Integer> chosen = new ArrayList<>();
        List<double[]> values = new ArrayList<>();
        while (chosen.size() < k) {
            double[] value = new double[scores.length];
            int best = -1;
            for (int i = 0; i < value.length; i++) {
                double nearest = chosen.isEmpty() ? 0 : Double.POSITIVE_INFINITY;
                for (int other : chosen) {
                    nearest = Math.min(nearest, 1 - cosine(z[i], z[other]));
                }
                value[i] =
                        chosen.contains(i)
                                ? Double.NEGATIVE_INFINITY
                                : scores[i] + diversityWeight * nearest;
                if (best < 0 || value[i] > value[best]) {
                    best = i;
                }
            }
            chosen.add(best);
            values.add(value);
        }
        return values;
    }

    private static double cosine(double[] a, double[] b) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += a[i] * b[i];
            aa += a[i] * a[i];
            bb += b[i] * b[i];
        }
        return aa == 0 || bb == 0 ? 0 : ab / Math.sqrt(aa * bb);
    }

    static Array floats(double[] values, int... shape) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return Array.of(floats, shape);
    }
}
