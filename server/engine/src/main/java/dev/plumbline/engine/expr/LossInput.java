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
    LOG_POOL_SIZE(Axis.NONE, false, row -> one(row.proposal().logPoolSize()));

    private final Axis axis;
    private final boolean differentiated;
    private final Function<RowLogps, double[]> values;

    /** What an input has one number of. */
    enum Axis {
        /** The row: a number. */
        NONE(Dim.shape()),
        /** Each negative. */
        NEGATIVES(Dim.shape("K"));

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
