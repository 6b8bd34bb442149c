package dev.plumbline.engine.select;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.spi.Choice;
import dev.plumbline.spi.Negative;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * What a selector thinks of each candidate of one row.
 *
 * @param candidates their pictures, in the order of the pool
 * @param scores one a candidate, the higher the more wanted
 * @param order the candidates as they are chosen one after the other, so that its beginning is the
 *     choice of fewer; of a selector that draws uniformly it says nothing
 * @param greedy whether the selector chooses the best, or draws uniformly
 */
public record CandidateScores(
        List<Path> candidates, List<Double> scores, List<Integer> order, boolean greedy) {
    public CandidateScores {
        candidates = List.copyOf(candidates);
        scores = List.copyOf(scores);
        order = List.copyOf(order);
    }

    /**
     * Which candidates are scored.
     *
     * @param most at most so many
     */
    public record Sample(int most, long seed) {
        PoolCandidates of(PoolCandidates candidates, int row) {
            return candidates.sample(most, new SplittableRandom(seed + row * 0x9e3779b97f4a7c15L));
        }
    }

    static CandidateScores of(
            String selector, Choice choice, Pool pool, PoolCandidates candidates) {
        int n = candidates.size();
        boolean greedy = choice.sampling().equals(Choice.GREEDY);
        double[] scores = new double[n];
        for (Negative negative : choice.negatives()) {
            if (negative.picture() != null) {
                throw unsuitable(selector, "makes pictures of its own, which no pool enumerates");
            }
            if (!greedy && Math.abs(negative.logQ() + Math.log(n)) > 1e-9) {
                throw unsuitable(
                        selector, "draws by a law of its own: it must be greedy, or uniform");
            }
            scores[negative.index()] = negative.score();
        }
        List<Integer> order = choice.negatives().stream().map(Negative::index).toList();
        if (order.stream().distinct().count() != n) {
            throw unsuitable(selector, "did not choose every candidate once when asked for all");
        }
        List<Path> files =
                IntStream.range(0, n).mapToObj(i -> pool.file(candidates.inPool(i))).toList();
        return new CandidateScores(files, Arrays.stream(scores).boxed().toList(), order, greedy);
    }

    private static PlumblineException unsuitable(String selector, String why) {
        return PlumblineException.invalid(
                "selectors",
                "SELECTOR_UNSUITABLE",
                "the selector %s %s; take another".formatted(selector, why),
                Map.of("selector", selector));
    }
}
