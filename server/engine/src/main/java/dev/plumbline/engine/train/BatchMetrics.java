package dev.plumbline.engine.train;

import dev.plumbline.engine.expr.RowLogps;
import dev.plumbline.engine.train.LossTerms.RowLoss;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Figures of one batch. */
record BatchMetrics(
        double imageLoss,
        double textLoss,
        double chosenLogps,
        double rejectedLogps,
        double margins,
        double ess,
        double weightVariance) {
    static BatchMetrics of(TrainingStep.Outcome outcome, double beta) {
        List<RowLogps> rows = outcome.rows();
        return new BatchMetrics(
                mean(outcome.losses(), RowLoss::image),
                mean(outcome.losses(), RowLoss::text),
                mean(rows, row -> row.policy().chosen()),
                mean(rows, row -> row.policy().rejected()),
                beta * mean(rows, BatchMetrics::margin),
                mean(rows, row -> ess(row.logWeights())),
                weightVariance(rows));
    }

    double loss() {
        return imageLoss + textLoss;
    }

    private static double margin(RowLogps row) {
        double chosen = row.policy().chosen() - row.reference().chosen();
        return chosen - (row.policy().rejected() - row.reference().rejected());
    }

    private static <T> double mean(List<T> items, ToDoubleFunction<T> number) {
        return items.stream().mapToDouble(number).average().orElse(Double.NaN);
    }

    /** {@code (sum v)^2 / sum v^2}; NaN without negatives. */
    private static double ess(double[] logWeights) {
        double sum = 0;
        double squares = 0;
        for (double v : weights(logWeights)) {
            sum += v;
            squares += v * v;
        }
        return sum * sum / squares;
    }

    /** Over all negatives of the batch, each row's weights scaled to a mean of 1. */
    private static double weightVariance(List<RowLogps> rows) {
        double sum = 0;
        int count = 0;
        for (RowLogps row : rows) {
            for (double v : weights(row.logWeights())) {
                sum += (v - 1) * (v - 1);
                count++;
            }
        }
        return count == 0 ? Double.NaN : sum / count;
    }

    private static double[] weights(double[] logWeights) {
        double largest = Arrays.stream(logWeights).max().orElse(0);
        double[] weights = new double[logWeights.length];
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.exp(logWeights[i] - largest);
            sum += weights[i];
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] *= weights.length / sum;
        }
        return weights;
    }
}
