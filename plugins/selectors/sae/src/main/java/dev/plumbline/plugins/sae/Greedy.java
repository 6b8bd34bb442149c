package dev.plumbline.plugins.sae;

import dev.plumbline.plugins.sae.SaeScorer.Scored;
import dev.plumbline.spi.Negative;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Algorithm 1: the highest score first, then repeatedly {@code argmax_i [ s_i + w min_{j chosen} (1
 * - cos(E(d_i), E(d_j))) ]}; of equal ones the lower index.
 */
final class Greedy {
    private final Scored scored;
    private final double[] scores;
    private final double diversityWeight;
    private final double[] lengths;

    /** The smallest distance from what is chosen, 0 before anything is. */
    private final double[] distances;

    Greedy(Scored scored, double[] scores, double diversityWeight) {
        this.scored = scored;
        this.scores = scores;
        this.diversityWeight = diversityWeight;
        this.lengths = new double[scores.length];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = Math.sqrt(dot(i, i));
        }
        this.distances = new double[scores.length];
    }

    List<Negative> choose(int k) {
        List<Negative> chosen = new ArrayList<>();
        boolean[] taken = new boolean[scores.length];
        while (chosen.size() < k) {
            int best = -1;
            for (int i = 0; i < scores.length; i++) {
                if (!taken[i] && (best < 0 || value(i) > value(best))) {
                    best = i;
                }
            }
            chosen.add(Negative.of(best, scores[best]));
            taken[best] = true;
            if (chosen.size() == 1) {
                Arrays.fill(distances, Double.POSITIVE_INFINITY);
            }
            for (int i = 0; i < scores.length; i++) {
                distances[i] = Math.min(distances[i], 1 - cosine(i, best));
            }
        }
        return chosen;
    }

    private double value(int candidate) {
        return scores[candidate] + diversityWeight * distances[candidate];
    }

    double cosine(int a, int b) {
        double lengthsOfBoth = lengths[a] * lengths[b];
        return lengthsOfBoth > 0 ? dot(a, b) / lengthsOfBoth : 0;
    }

    private double dot(int a, int b) {
        int latents = scored.latents();
        if (scored.z().isDouble()) {
            double sum = 0;
            for (int j = 0; j < latents; j++) {
                sum += scored.z().get(a * latents + j) * scored.z().get(b * latents + j);
            }
            return sum;
        }
        float[] z = scored.z().floats();
        return Vectors.dot(z, a * latents, z, b * latents, latents);
    }
}
