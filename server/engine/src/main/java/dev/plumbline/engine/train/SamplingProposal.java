package dev.plumbline.engine.train;

import dev.plumbline.spi.Negative;
import dev.plumbline.spi.Proposal;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** One way to take K negatives, as the selectors' own code takes them. */
@FunctionalInterface
interface SamplingProposal {
    SamplingDraw draw(RandomGenerator random);

    /** Whether the mode is there for this selector, and K can be had in it. */
    static boolean exists(SamplingScores scores, SamplingMode mode, int k) {
        int n = scores.scores().length;
        return switch (mode) {
            case GREEDY -> scores.greedy() && k <= n;
            case WITHOUT_REPLACEMENT -> k <= n;
            case WITH_REPLACEMENT -> true;
        };
    }

    /** Its temperature is solved for K, as selectors do by default. */
    static SamplingProposal of(SamplingScores scores, SamplingMode mode, int k) {
        if (mode == SamplingMode.GREEDY) {
            SamplingDraw best = best(scores, k);
            return random -> best;
        }
        boolean replace = mode == SamplingMode.WITH_REPLACEMENT;
        if (!scores.greedy()) {
            return random -> uniform(scores.scores().length, k, replace, random);
        }
        Proposal proposal = Proposal.of(scores.scores(), k, 0);
        return random -> {
            List<Negative> drawn =
                    replace
                            ? proposal.withReplacement(random)
                            : proposal.withoutReplacement(random);
            return SamplingDraw.of(drawn);
        };
    }

    private static SamplingDraw best(SamplingScores scores, int k) {
        double[] unknown = new double[k];
        Arrays.fill(unknown, Double.NaN);
        return new SamplingDraw(Arrays.copyOf(scores.order(), k), unknown, new double[k]);
    }

    /** Both weights are {@code N/K}, which is what the random selector records. */
    private static SamplingDraw uniform(int n, int k, boolean replace, RandomGenerator random) {
        IntStream draws = random.ints(0, n);
        double[] logQ = new double[k];
        double[] logWeights = new double[k];
        Arrays.fill(logQ, -Math.log(n));
        Arrays.fill(logWeights, -Math.log((double) k / n));
        return new SamplingDraw(
                (replace ? draws : draws.distinct()).limit(k).toArray(), logQ, logWeights);
    }
}
