package dev.plumbline.engine.expr;

import dev.plumbline.engine.graph.Dim;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** What a loss may read of a row, and where it comes from. */
public enum LossInput {
    CHOSEN(Axis.NONE, true, row -> one(row.policy().chosen())),
    REFERENCE_CHOSEN(Axis.NONE, false, row -> one(row.reference().chosen())),
    REJECTED(Axis.NONE, true, row -> one(row.policy().rejected())),
    REFERENCE_REJECTED(Axis.NONE, false, row -> one(row.reference().rejected())),
    NEGATIVES(Axis.NEGATIVES, true, row -> row.policy().negatives()),
    REFERENCE_NEGATIVES(Axis.NEGATIVES, false, row -> row.reference().negatives()),
    LOG_WEIGHTS(Axis.NEGATIVES, false, row -> row.proposal().logWeights()),
    LOG_PROPOSALS(Axis.NEGATIVES, false, row -> row.proposal().logProposals()),
    LOG_POOL_SIZE(Axis.NONE, false, row -> one(row.proposal().logPoolSize())),
    CHOSEN_TOKENS(Axis.CHOSEN, true, row -> row.chosenTokens().policy()),
    REFERENCE_CHOSEN_TOKENS(Axis.CHOSEN, false, row -> row.chosenTokens().reference()),
    CHOSEN_KL(Axis.CHOSEN, true, row -> row.chosenTokens().kl()),
    CHOSEN_CHANGED(Axis.CHOSEN, false, row -> row.chosenTokens().changed()),
    REJECTED_TOKENS(Axis.REJECTED, true, row -> row.rejectedTokens().policy()),
    REFERENCE_REJECTED_TOKENS(Axis.REJECTED, false, row -> row.rejectedTokens().reference()),
    REJECTED_KL(Axis.REJECTED, true, row -> row.rejectedTokens().kl()),
    REJECTED_CHANGED(Axis.REJECTED, false, row -> row.rejectedTokens().changed());

    private final Axis axis;
    private final boolean differentiated;
    private final Function<RowLogps, double[]> values;

    /** What an input has one number of. */
    enum Axis {
        /** The row: a number. */
        NONE(Dim.shape()),
        /** Each negative. */
        NEGATIVES(Dim.shape("K")),
        /** Each token of the chosen answer. */
        CHOSEN(Dim.shape("T.chosen")),
        /** Each token of the rejected answer. */
        REJECTED(Dim.shape("T.rejected"));

        private final List<Dim> dims;

        Axis(List<Dim> dims) {
            this.dims = dims;
        }

        List<Dim> dims() {
            return dims;
        }
    }

    LossInput(Axis axis, boolean differentiated, Function<RowLogps, double[]> values) {
        this.axis = axis;
        this.differentiated = differentiated;
        this.values = values;
    }

    private static double[] one(double value) {
        return new double[] {value};
    }

    /** Whether it depends on what is trained. */
    public boolean isDifferentiated() {
        return differentiated;
    }

    /** Whether there is none without negatives. */
    public boolean isOfNegatives() {
        return axis == Axis.NEGATIVES;
    }

    /** Whether it has one number a token. */
    public boolean isOfTokens() {
        return axis == Axis.CHOSEN || axis == Axis.REJECTED;
    }

    /** Whether the reference must be run beside the policy for it. */
    public boolean isKl() {
        return this == CHOSEN_KL || this == REJECTED_KL;
    }

    Axis axis() {
        return axis;
    }

    double[] values(RowLogps row) {
        return values.apply(row);
    }

    String graphName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
