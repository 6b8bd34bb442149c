package dev.plumbline.engine.train;

import java.util.List;

/**
 * What a selector thinks of the candidates of one row.
 *
 * @param scores one a candidate
 * @param order candidates as they are chosen greedily
 * @param greedy whether it chooses the best; else it draws uniformly
 */
@SuppressWarnings("ArrayRecordComponent") // Read a million times.
public record SamplingScores(String selector, double[] scores, int[] order, boolean greedy) {
    public SamplingScores {
        if (scores.length == 0 || scores.length != order.length) {
            throw new IllegalArgumentException(
                    scores.length + " scores in an order of " + order.length);
        }
    }

    public static SamplingScores of(
            String selector, List<Double> scores, List<Integer> order, boolean greedy) {
        return new SamplingScores(
                selector,
                scores.stream().mapToDouble(Double::doubleValue).toArray(),
                order.stream().mapToInt(Integer::intValue).toArray(),
                greedy);
    }
}
