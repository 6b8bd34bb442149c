package dev.plumbline.engine.generate;

import dev.plumbline.engine.generate.SamplingOptions.Randomness;
import java.util.ArrayList;
import java.util.Comparator;
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
        boolean all = randomness.topK() == 0 && randomness.topP() == 1;
        List<Integer> ids =
                all ? IntStream.range(0, scores.length).boxed().toList() : kept(scores, randomness);
        double largest = scores[likeliest(scores)];
        double[] weights = new double[ids.size()];
        double total = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.exp((scores[ids.get(i)] - largest) / randomness.temperature());
            total += weights[i];
        }
        double mark = random.nextDouble() * total;
        for (int i = 0; i < weights.length; i++) {
            mark -= weights[i];
            if (mark < 0) {
                return ids.get(i);
            }
        }
        return ids.getFirst();
    }

    /** The likeliest first: at most top_k, and no more than make up top_p. */
    private static List<Integer> kept(float[] scores, Randomness randomness) {
        List<Integer> ids = new ArrayList<>(IntStream.range(0, scores.length).boxed().toList());
        ids.sort(Comparator.comparingDouble((Integer id) -> -scores[id]));
        if (randomness.topK() > 0 && randomness.topK() < ids.size()) {
            ids = ids.subList(0, randomness.topK());
        }
        double largest = scores[ids.getFirst()];
        double total = 0;
        for (int id : ids) {
            total += Math.exp((scores[id] - largest) / randomness.temperature());
        }
        double sum = 0;
        int count = 0;
        while (count < ids.size() && (count == 0 || sum < randomness.topP() * total)) {
            sum += Math.exp((scores[ids.get(count)] - largest) / randomness.temperature());
            count++;
        }
        return ids.subList(0, count);
    }
}
