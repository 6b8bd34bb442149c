package dev.plumbline.engine.train;

import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * How well an estimator does, over many draws; relative to what it targets, NaN where there is
 * nothing to divide by.
 *
 * @param sumBias mean of the estimated sum, less the target's, by the target's
 * @param sumDeviation its standard deviation, by the target's sum
 * @param sigmoidBias the same of the sigmoid that weighs the gradient
 * @param gradientBias length of the mean gradient's difference from the target's, by the target's
 * @param gradientBiasNoise how much of it the finite number of draws would show without any bias
 * @param gradientDeviation root of the gradient's total variance, by the target's length
 * @param cosine between one draw's gradient and the target's, mean
 * @param meanCosine between the mean gradient and the target's
 * @param poolCosine between one draw's gradient and that of the whole pool, mean
 * @param normRatio length of one draw's gradient by the target's, mean
 */
public record SamplingFigures(
        double sumBias,
        double sumDeviation,
        double sigmoidBias,
        double sigmoidDeviation,
        double gradientBias,
        double gradientBiasNoise,
        double gradientDeviation,
        double cosine,
        double meanCosine,
        double poolCosine,
        double normRatio,
        Weights proposal,
        Weights policy) {
    /**
     * Of the weights of a draw, scaled to mean 1.
     *
     * @param ess {@code (sum v)^2 / sum v^2}, mean over draws
     * @param variance of them, mean over draws
     */
    public record Weights(double ess, double variance) {}

    /** Over rows; what is NaN in one is left out. */
    static SamplingFigures mean(List<SamplingFigures> rows) {
        return new SamplingFigures(
                mean(rows, SamplingFigures::sumBias),
                mean(rows, SamplingFigures::sumDeviation),
                mean(rows, SamplingFigures::sigmoidBias),
                mean(rows, SamplingFigures::sigmoidDeviation),
                mean(rows, SamplingFigures::gradientBias),
                mean(rows, SamplingFigures::gradientBiasNoise),
                mean(rows, SamplingFigures::gradientDeviation),
                mean(rows, SamplingFigures::cosine),
                mean(rows, SamplingFigures::meanCosine),
                mean(rows, SamplingFigures::poolCosine),
                mean(rows, SamplingFigures::normRatio),
                weights(rows, SamplingFigures::proposal),
                weights(rows, SamplingFigures::policy));
    }

    private static Weights weights(
            List<SamplingFigures> rows, Function<SamplingFigures, Weights> which) {
        return new Weights(
                mean(rows, row -> which.apply(row).ess()),
                mean(rows, row -> which.apply(row).variance()));
    }

    static double mean(List<SamplingFigures> rows, ToDoubleFunction<SamplingFigures> figure) {
        return rows.stream()
                .mapToDouble(figure)
                .filter(value -> !Double.isNaN(value))
                .average()
                .orElse(Double.NaN);
    }
}
