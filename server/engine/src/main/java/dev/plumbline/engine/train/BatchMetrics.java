package dev.plumbline.engine.train;

import dev.plumbline.engine.expr.RowLogps;
import dev.plumbline.engine.train.LossTerms.RowLoss;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Figures of one batch.
 *
 * @param proposal of the importance weights alone
 * @param policy of the importance weights times what the policy makes of them
 */
record BatchMetrics(
        double imageLoss,
        double textLoss,
        double chosenLogps,
        double rejectedLogps,
        double margins,
        WeightSpread proposal,
        WeightSpread policy) {
    /**
     * @param beta of the margins
     * @param imageBeta of what the policy makes of the negatives
     */
    static BatchMetrics of(TrainingStep.Outcome outcome, double beta, double imageBeta) {
        List<RowLogps> rows = outcome.rows();
        return new BatchMetrics(
                mean(outcome.losses(), RowLoss::image),
                mean(outcome.losses(), RowLoss::text),
                mean(rows, row -> row.policy().chosen()),
                mean(rows, row -> row.policy().rejected()),
                beta * new RewardFigures(rows).margin(),
                WeightSpread.of(rows.stream().map(row -> row.proposal().logWeights()).toList()),
                WeightSpread.of(rows.stream().map(row -> withPolicy(row, imageBeta)).toList()));
    }

    double loss() {
        return imageLoss + textLoss;
    }

    /** {@code a_i + log w_i} but for what all of a row have in common. */
    private static double[] withPolicy(RowLogps row, double beta) {
        double[] logs = row.proposal().logWeights().clone();
        for (int i = 0; i < logs.length; i++) {
            double ratio = row.policy().negatives()[i] - row.reference().negatives()[i];
            logs[i] += beta * ratio;
        }
        return logs;
    }

    private static <T> double mean(List<T> items, ToDoubleFunction<T> number) {
        return items.stream().mapToDouble(number).average().orElse(Double.NaN);
    }
}
