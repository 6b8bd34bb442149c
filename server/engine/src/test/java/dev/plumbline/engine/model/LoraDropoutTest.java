package dev.plumbline.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Masks look drawn: the wanted part of all, and of any two layers, tokens or steps independent. */
class LoraDropoutTest {
    private static final int TOKENS = 600;
    private static final int FEATURES = 700;

    private static LoraDropout dropout(double probability, long seed, long step) {
        return new LoraDropout(probability, seed, step, Map.of("a", 3));
    }

    /** 1 where an element is dropped. */
    private static double[] dropped(
            LoraDropout dropout, double probability, long sequence, String module) {
        int least = LoraDropout.least(probability);
        double[] dropped = new double[TOKENS * FEATURES];
        for (int token = 0; token < TOKENS; token++) {
            int key = dropout.tokenKey(sequence, token);
            assertThat(key & 1).isEqualTo(1);
            for (int feature = 0; feature < FEATURES; feature++) {
                boolean kept = key * dropout.featureKey(module, feature) >= least;
                dropped[token * FEATURES + feature] = kept ? 0 : 1;
            }
        }
        return dropped;
    }

    private static double both(double[] a, double[] b, int shift) {
        double sum = 0;
        for (int i = 0; i + shift < a.length; i++) {
            sum += a[i] * b[i + shift];
        }
        return sum / (a.length - shift);
    }

    @Test
    void theWantedPartIsDroppedAndNoTwoMasksDependOnEachOther() {
        for (double p : new double[] {0.05, 0.1, 0.5}) {
            double[] one = dropped(dropout(p, 7, 0), p, 3, "layer.q_proj");
            // Four standard deviations of 420,000 draws.
            double error = 4 * Math.sqrt(p * (1 - p) / one.length);
            assertThat(both(one, one, 0)).isCloseTo(p, within(error));
            double[] otherLayer = dropped(dropout(p, 7, 0), p, 3, "layer.k_proj");
            double[] otherSequence = dropped(dropout(p, 7, 0), p, 4, "layer.q_proj");
            double[] otherStep = dropped(dropout(p, 7, 1), p, 3, "layer.q_proj");
            double[] otherSeed = dropped(dropout(p, 8, 0), p, 3, "layer.q_proj");
            double pair = 4 * Math.sqrt(p * p * (1 - p * p) / one.length) + 2 * p * error;
            for (double[] other :
                    new double[][] {otherLayer, otherSequence, otherStep, otherSeed}) {
                assertThat(both(one, other, 0)).isCloseTo(p * p, within(pair));
            }
            // Neighboring features and tokens.
            assertThat(both(one, one, 1)).isCloseTo(p * p, within(pair));
            assertThat(both(one, one, FEATURES)).isCloseTo(p * p, within(pair));
        }
    }

    @Test
    void theSameSeedStepAndSequenceGiveTheSameMask() {
        assertThat(dropped(dropout(0.3, 1, 2), 0.3, 5, "m"))
                .isEqualTo(dropped(dropout(0.3, 1, 2), 0.3, 5, "m"));
    }
}
