package dev.plumbline.engine.train;

import dev.plumbline.spi.Negative;
import java.util.List;

/**
 * What was drawn for one row.
 *
 * @param candidates numbers of the candidates; one may be there twice
 * @param logQ of each in one draw, NaN where there was no proposal
 * @param logWeights of each, 0 where there was no proposal
 */
@SuppressWarnings("ArrayRecordComponent") // Made and read a million times.
record SamplingDraw(int[] candidates, double[] logQ, double[] logWeights) {
    static SamplingDraw of(List<Negative> negatives) {
        return new SamplingDraw(
                negatives.stream().mapToInt(Negative::index).toArray(),
                negatives.stream().mapToDouble(Negative::logQ).toArray(),
                negatives.stream().mapToDouble(Negative::logWeight).toArray());
    }

    int k() {
        return candidates.length;
    }

    /** Of each of those drawn. */
    double[] of(double[] values) {
        double[] drawn = new double[candidates.length];
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = values[candidates[i]];
        }
        return drawn;
    }
}
