package dev.plumbline.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.engine.expr.RowLogps;
import dev.plumbline.engine.train.LossTerms.RowLoss;
import java.util.List;
import org.junit.jupiter.api.Test;

class WeightSpreadTest {
    @Test
    void equalWeightsCountInFull() {
        WeightSpread spread = WeightSpread.of(List.of(new double[] {7, 7, 7}, new double[] {-900}));
        assertThat(spread.ess()).isCloseTo(2, within(1e-12));
        assertThat(spread.variance()).isZero();
    }

    @Test
    void onPaper() {
        // Weights 1 and 3, scaled to 1/2 and 3/2: (1 + 3)^2 / (1 + 9), variance 1/4.
        WeightSpread spread = WeightSpread.of(List.of(new double[] {500, 500 + Math.log(3)}));
        assertThat(spread.ess()).isCloseTo(1.6, within(1e-9));
        assertThat(spread.variance()).isCloseTo(0.25, within(1e-9));
    }

    @Test
    void withoutNegativesThereIsNone() {
        WeightSpread spread = WeightSpread.of(List.of(new double[0], new double[0]));
        assertThat(spread.ess()).isNaN();
        assertThat(spread.variance()).isNaN();
    }

    @Test
    void thePolicyCanUndoWhatTheProposalMade() {
        double beta = 0.5;
        RowLogps.Answers reference = new RowLogps.Answers(-5, -6, new double[] {-3, -4});
        // beta times the change of log-ratio is minus the difference of log-weights.
        RowLogps.Answers policy =
                new RowLogps.Answers(-4, -6, new double[] {-3, -4 - Math.log(3) / beta});
        RowLogps row =
                new RowLogps(
                        policy,
                        reference,
                        new RowLogps.Proposal(
                                new double[] {0, Math.log(3)}, new double[2], Math.log(9)));
        BatchMetrics metrics =
                BatchMetrics.of(
                        new TrainingStep.Outcome(
                                List.of(row),
                                List.of(new RowLoss(0.25, 0.5, new double[4])),
                                List.of()),
                        1,
                        beta);
        assertThat(metrics.proposal().ess()).isCloseTo(1.6, within(1e-9));
        assertThat(metrics.policy().ess()).isCloseTo(2, within(1e-9));
        assertThat(metrics.policy().variance()).isCloseTo(0, within(1e-9));
        assertThat(metrics.loss()).isEqualTo(0.75);
        assertThat(metrics.margins()).isEqualTo(1);
    }
}
