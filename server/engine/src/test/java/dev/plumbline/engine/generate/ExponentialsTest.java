package dev.plumbline.engine.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.engine.generate.SamplingOptions.Randomness;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ExponentialsTest {
    @Test
    void agreesWithThePlatform() {
        Random random = new Random(1);
        for (int i = 0; i < 200_000; i++) {
            double x = -Math.pow(10, -6 + 8.8 * random.nextDouble());
            if (x >= -700) {
                assertThat(Exponentials.exp(x) / Math.exp(x)).isCloseTo(1, within(1e-12));
            }
        }
        assertThat(Exponentials.exp(0)).isEqualTo(1);
        assertThat(Exponentials.exp(-0.0)).isEqualTo(1);
        assertThat(Exponentials.exp(-1e9)).isZero();
        assertThat(Exponentials.exp(Double.NEGATIVE_INFINITY)).isZero();
        assertThat(Exponentials.exp(Double.NaN)).isNaN();
    }

    @Test
    void aLargeVocabularyIsCutAsIfItWasSorted() {
        for (int seed = 0; seed < 60; seed++) {
            float[] scores = scores(seed);
            double[] weights = new double[scores.length];
            double largest =
                    IntStream.range(0, scores.length).mapToDouble(i -> scores[i]).max().orElse(0);
            for (int id = 0; id < scores.length; id++) {
                weights[id] = Exponentials.exp(scores[id] - largest);
            }
            List<Integer> order =
                    IntStream.range(0, scores.length)
                            .boxed()
                            .sorted(Comparator.comparingDouble(id -> -scores[id]))
                            .toList();
            for (int topK : new int[] {0, 1, 7, 900, 5000}) {
                for (double topP : new double[] {1e-6, 0.3, 0.95, 0.999}) {
                    int[] ids = new Likeliest(scores, weights).first(topK, topP);
                    assertThat(ids).containsExactly(cut(order, weights, topK, topP));
                }
            }
        }
    }

    /** So that a seed's answer does not depend on how the vocabulary is searched. */
    @Test
    void theSameSeedDrawsTheSame() {
        float[] scores = scores(3);
        SamplingOptions options =
                new SamplingOptions(9, new Randomness(1, 0.9, 0, 42), 1, List.of(), 0);
        Sampler first = new Sampler(options, List.of());
        Sampler second = new Sampler(options, List.of());
        for (int i = 0; i < 50; i++) {
            assertThat(first.next(scores)).isEqualTo(second.next(scores));
        }
    }

    private static int[] cut(List<Integer> order, double[] weights, int topK, double topP) {
        List<Integer> ids = topK == 0 ? order : order.subList(0, Math.min(topK, order.size()));
        double total = ids.stream().sorted().mapToDouble(id -> weights[id]).sum();
        double sum = 0;
        int count = 0;
        while (count < ids.size() && (count == 0 || sum < topP * total * (1 - 1e-13))) {
            sum += weights[ids.get(count++)];
        }
        return ids.stream().limit(count).mapToInt(Integer::intValue).toArray();
    }

    /** Some flat, some steep, with equal ones among them. */
    private static float[] scores(int seed) {
        Random random = new Random(seed);
        float[] scores = new float[3000];
        double width = Math.pow(2, seed % 7 - 1);
        for (int id = 0; id < scores.length; id++) {
            scores[id] = Math.round(8 * width * random.nextGaussian()) / 8f;
        }
        return scores;
    }
}
