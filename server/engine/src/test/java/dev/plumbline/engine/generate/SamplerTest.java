package dev.plumbline.engine.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.engine.generate.SamplingOptions.Randomness;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Draws against a distribution that is computed here, in the plainest way. */
class SamplerTest {
    private static final int VOCABULARY = 12;
    private static final int DRAWS = 20_000;
    private static final List<Integer> PROMPT = List.of(2, 5, 5, 11);

    @ParameterizedTest
    @CsvSource({
        "1.0, 1.0, 0, 1.0",
        "0.5, 1.0, 0, 1.0",
        "2.0, 1.0, 0, 1.3",
        "1.0, 1.0, 3, 1.0",
        "1.0, 0.6, 0, 1.0",
        "1.5, 0.8, 5, 1.2",
        "1.0, 0.000001, 0, 0.7",
        "1.0, 1.0, 100, 1.0",
    })
    void drawsFromTheDistribution(double temperature, double topP, int topK, double penalty) {
        float[] logits = logits(7);
        double[] expected = distribution(logits, temperature, topP, topK, penalty);
        int[] counts = new int[VOCABULARY];
        for (int seed = 0; seed < DRAWS; seed++) {
            Randomness randomness = new Randomness(temperature, topP, topK, seed);
            counts[sampler(randomness, penalty).next(logits)]++;
        }
        for (int id = 0; id < VOCABULARY; id++) {
            double p = expected[id];
            double deviation = Math.sqrt(p * (1 - p) / DRAWS);
            assertThat((double) counts[id] / DRAWS)
                    .as("token %d", id)
                    .isCloseTo(p, within(5 * deviation));
        }
        assertThat(logits).isEqualTo(logits(7));
    }

    @Test
    void greedyTakesTheLikeliestAfterThePenalty() {
        float[] logits = new float[VOCABULARY];
        logits[5] = 2;
        logits[3] = 1.5f;
        logits[4] = 1;
        assertThat(sampler(Randomness.GREEDY, 1).next(logits)).isEqualTo(5);
        Sampler penalized = sampler(Randomness.GREEDY, 1.5);
        assertThat(penalized.next(logits)).isEqualTo(3);
        // Both were said by now: 2 / 1.5 is the largest again.
        assertThat(penalized.next(logits)).isEqualTo(5);
        float[] negative = new float[VOCABULARY];
        Arrays.fill(negative, -2);
        negative[5] = -1.9f;
        assertThat(sampler(Randomness.GREEDY, 1.5).next(negative)).isEqualTo(0);
    }

    private static Sampler sampler(Randomness randomness, double penalty) {
        return new Sampler(new SamplingOptions(8, randomness, penalty, List.of(), 0), PROMPT);
    }

    private static float[] logits(long seed) {
        Random random = new Random(seed);
        float[] logits = new float[VOCABULARY];
        for (int id = 0; id < VOCABULARY; id++) {
            logits[id] = (float) (2 * random.nextGaussian());
        }
        return logits;
    }

    private static double[] distribution(
            float[] logits, double temperature, double topP, int topK, double penalty) {
        double[] weights = new double[VOCABULARY];
        double total = 0;
        for (int id = 0; id < VOCABULARY; id++) {
            double score = logits[id];
            if (Set.copyOf(PROMPT).contains(id)) {
                score = score > 0 ? score / penalty : score * penalty;
            }
            weights[id] = Math.exp(score / temperature);
        }
        List<Integer> order = new ArrayList<>();
        for (int id = 0; id < VOCABULARY; id++) {
            order.add(id);
        }
        order.sort(Comparator.comparingDouble((Integer id) -> -weights[id]));
        for (int rank = 0; rank < VOCABULARY; rank++) {
            if (topK > 0 && rank >= topK) {
                weights[order.get(rank)] = 0;
            }
            total += weights[order.get(rank)];
        }
        double before = 0;
        double kept = 0;
        for (int id : order) {
            double share = weights[id] / total;
            weights[id] = before < topP ? share : 0;
            before += share;
            kept += weights[id];
        }
        for (int id = 0; id < VOCABULARY; id++) {
            weights[id] /= kept;
        }
        return weights;
    }
}
