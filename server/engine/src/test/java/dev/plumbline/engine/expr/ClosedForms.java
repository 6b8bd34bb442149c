package dev.plumbline.engine.expr;

import java.util.Arrays;
import java.util.SplittableRandom;

/** The shipped losses written out in double precision (misp-dpo.md, section 3). */
final class ClosedForms {
    private ClosedForms() {}

    /** {@code -log sigmoid(beta (r(chosen) - r(rejected)))}. */
    static double dpo(RowLogps row, double beta) {
        double chosen = row.policy().chosen() - row.reference().chosen();
        double rejected = row.policy().rejected() - row.reference().rejected();
        return softplus(-beta * (chosen - rejected));
    }

    /** {@code -log sigmoid(-logsumexp(a + shift))}. */
    static double plackettLuce(RowLogps row, double beta, String weighting, double clip) {
        double chosen = row.policy().chosen() - row.reference().chosen();
        double[] w = row.proposal().logWeights();
        int k = w.length;
        double[] a = new double[k];
        for (int i = 0; i < k; i++) {
            double negative = row.policy().negatives()[i] - row.reference().negatives()[i];
            double normalized = w[i] - logSumExp(w) + Math.log(k);
            double shift =
                    switch (weighting) {
                        case "none" -> 0;
                        case "raw" -> w[i];
                        case "pool" -> w[i] - row.proposal().logPoolSize() + Math.log(k);
                        case "clipped" -> Math.min(normalized, Math.log(clip));
                        case "self_normalized" -> normalized;
                        default -> throw new IllegalArgumentException(weighting);
                    };
            a[i] = beta * (negative - chosen) + shift;
        }
        return softplus(logSumExp(a));
    }

    /** With smoothing (trl's loss_type sigmoid with label_smoothing). */
    static double dpo(RowLogps row, double beta, double smoothing) {
        return (1 - smoothing) * dpo(row, beta) + smoothing * dpo(row, -beta);
    }

    /** DPO, its mean over images, and {@code -log sigmoid(beta r(chosen) - anchor)}. */
    static double mdpo(
            RowLogps row, double beta, double conditional, double anchored, double anchor) {
        double chosen = row.policy().chosen() - row.reference().chosen();
        double[] negatives = row.policy().negatives();
        double images = 0;
        for (int i = 0; i < negatives.length; i++) {
            double negative = negatives[i] - row.reference().negatives()[i];
            images += softplus(-beta * (chosen - negative)) / negatives.length;
        }
        return dpo(row, beta) + conditional * images + anchored * softplus(anchor - beta * chosen);
    }

    /** {@code max(0, margin - (r(chosen) - r(rejected)))}. */
    static double hinge(RowLogps row, double margin) {
        double chosen = row.policy().chosen() - row.reference().chosen();
        double rejected = row.policy().rejected() - row.reference().rejected();
        return Math.max(0, margin - (chosen - rejected));
    }

    private static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    static double logSumExp(double[] values) {
        double largest = Arrays.stream(values).max().orElseThrow();
        double sum = 0;
        for (double value : values) {
            sum += Math.exp(value - largest);
        }
        return largest + Math.log(sum);
    }

    /** Log-probabilities such as a row might have, exact in single precision. */
    static RowLogps row(SplittableRandom random, int k) {
        double[] weights = new double[k];
        double[] proposals = new double[k];
        for (int i = 0; i < k; i++) {
            weights[i] = (float) random.nextDouble(0, 4);
            proposals[i] = (float) random.nextDouble(-6, -3);
        }
        return row(
                answers(random, k), answers(random, k), weights, proposals, (float) Math.log(100));
    }

    static RowLogps row(
            RowLogps.Answers policy,
            RowLogps.Answers reference,
            double[] logWeights,
            double[] logProposals,
            double logPoolSize) {
        return new RowLogps(
                policy, reference, new RowLogps.Proposal(logWeights, logProposals, logPoolSize));
    }

    private static RowLogps.Answers answers(SplittableRandom random, int k) {
        double[] negatives = new double[k];
        for (int i = 0; i < k; i++) {
            negatives[i] = logp(random);
        }
        return new RowLogps.Answers(logp(random), logp(random), negatives);
    }

    private static double logp(SplittableRandom random) {
        return (float) random.nextDouble(-24, -20);
    }

    /** The row with one of the policy's log-probabilities moved. */
    static RowLogps moved(RowLogps row, LossInput input, int index, double by) {
        RowLogps.Answers policy = row.policy();
        double[] negatives = policy.negatives().clone();
        if (input == LossInput.NEGATIVES) {
            negatives[index] += by;
        }
        RowLogps.Answers other =
                new RowLogps.Answers(
                        policy.chosen() + (input == LossInput.CHOSEN ? by : 0),
                        policy.rejected() + (input == LossInput.REJECTED ? by : 0),
                        negatives);
        return new RowLogps(other, row.reference(), row.proposal());
    }
}
