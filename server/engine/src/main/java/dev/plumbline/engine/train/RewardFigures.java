package dev.plumbline.engine.train;

import dev.plumbline.engine.expr.RowLogps;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** How policy and reference differ over a batch of rows. */
final class RewardFigures {
    private final List<RowLogps> rows;

    RewardFigures(List<RowLogps> rows) {
        this.rows = rows;
    }

    /** See {@link StepDetails.Rewards}. */
    StepDetails.Rewards rewards(double beta) {
        return new StepDetails.Rewards(
                beta * chosenLogratio(),
                beta * mean(RewardFigures::rejected),
                mean(row -> chosen(row) > rejected(row) ? 1 : 0),
                imageAccuracies());
    }

    /** log p(chosen) - log p_ref(chosen), mean over rows. */
    double chosenLogratio() {
        return mean(RewardFigures::chosen);
    }

    /** r(chosen) - r(rejected) without beta, mean over rows. */
    double margin() {
        return mean(row -> chosen(row) - rejected(row));
    }

    private double imageAccuracies() {
        int better = 0;
        int all = 0;
        for (RowLogps row : rows) {
            for (int i = 0; i < row.policy().negatives().length; i++) {
                double negative = row.policy().negatives()[i] - row.reference().negatives()[i];
                better += chosen(row) > negative ? 1 : 0;
                all++;
            }
        }
        return all == 0 ? Double.NaN : (double) better / all;
    }

    private static double chosen(RowLogps row) {
        return row.policy().chosen() - row.reference().chosen();
    }

    private static double rejected(RowLogps row) {
        return row.policy().rejected() - row.reference().rejected();
    }

    private double mean(ToDoubleFunction<RowLogps> number) {
        return rows.stream().mapToDouble(number).average().orElse(Double.NaN);
    }
}
