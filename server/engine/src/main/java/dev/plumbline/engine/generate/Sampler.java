package dev.plumbline.engine.generate;

import dev.plumbline.engine.generate.SamplingOptions.Randomness;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Chooses tokens from logits; the same seed and logits give the same tokens. */
final class Sampler {
    private final SamplingOptions options;
    private final SplittableRandom random;
    private final Set<Integer> said = new HashSet<>();

    /**
     * @param prompt ids that count as said, for the repetition penalty
     */
    Sampler(SamplingOptions options, List<Integer> prompt) {
        this.options = options;
        this.random = new SplittableRandom(options.randomness().seed());
        this.said.addAll(prompt);
    }

    /** The next token. The logits are left as they are. */
    int next(float[] logits) {
        float[] scores = penalized(logits);
        int token = options.randomness().temperature() == 0 ? likeliest(scores) : drawn(scores);
        said.add(token);
        return token;
    }

    private float[] penalized(float[] logits) {
        double penalty = options.repetitionPenalty();
        if (penalty == 1) {
            return logits;
        }
        float[] scores = logits.clone();
        for (int id : said) {
            if (id < scores.length) {
                scores[id] *= (float) (scores[id] < 0 ? penalty : 1 / penalty);
            }
        }
        return scores;
    }

    private static int likeliest(float[] scores) {
        int best = 0;
        for (int id = 1; id < scores.length; id++) {
            if (scores[id] > scores[best]) {
                best = id;
            }
        }
        return best;
    }

    private int drawn(float[] scores) {
        Randomness randomness = options.randomness();
        double largest = scores[likeliest(scores)];
        double[] weights = new double[scores.length];
        double total = 0;
        for (int id = 0; id < weights.length; id++) {
            weights[id] = Exponentials.exp((scores[id] - largest) / randomness.temperature());
            total += weights[id];
        }
        if (randomness.topK() == 0 && randomness.topP() == 1) {
            return drawn(IntStream.range(0, scores.length).toArray(), weights, total);
        }
        int[] ids = new Likeliest(scores, weights).first(randomness.topK(), randomness.topP());
        double kept = 0;
        for (int id : ids) {
            kept += weights[id];
        }
        return drawn(ids, weights, kept);
    }

    private int drawn(int[] ids, double[] weights, double total) {
        double mark = random.nextDouble() * total;
        for (int id : ids) {
            mark -= weights[id];
            if (mark < 0) {
                return id;
            }
        }
        return ids[0];
    }
}
