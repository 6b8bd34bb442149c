package dev.plumbline.engine.expr;

import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.spi.Expression;
import dev.plumbline.spi.PreferenceRow;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The row as a plugin sees it: an input of a graph exists once it is asked for. */
final class LossRow implements PreferenceRow {
    private final GraphBuilder builder;
    private final Map<LossInput, GraphExpression> made = new EnumMap<>(LossInput.class);

    LossRow(GraphBuilder builder) {
        this.builder = builder;
    }

    /** What was asked for. */
    Set<LossInput> inputs() {
        return made.keySet();
    }

    /** The graph's input for what was asked for. */
    Value value(LossInput input) {
        return Objects.requireNonNull(made.get(input)).value();
    }

    private Expression get(LossInput input) {
        return made.computeIfAbsent(
                input,
                key ->
                        new GraphExpression(
                                builder.input(key.graphName(), DType.F32, key.axis().dims())));
    }

    @Override
    public Expression chosenLogps() {
        return get(LossInput.CHOSEN);
    }

    @Override
    public Expression referenceChosenLogps() {
        return get(LossInput.REFERENCE_CHOSEN);
    }

    @Override
    public Expression rejectedLogps() {
        return get(LossInput.REJECTED);
    }

    @Override
    public Expression referenceRejectedLogps() {
        return get(LossInput.REFERENCE_REJECTED);
    }

    @Override
    public Expression negativeLogps() {
        return get(LossInput.NEGATIVES);
    }

    @Override
    public Expression referenceNegativeLogps() {
        return get(LossInput.REFERENCE_NEGATIVES);
    }

    @Override
    public Expression logWeights() {
        return get(LossInput.LOG_WEIGHTS);
    }

    @Override
    public Expression logProposals() {
        return get(LossInput.LOG_PROPOSALS);
    }

    @Override
    public Expression logPoolSize() {
        return get(LossInput.LOG_POOL_SIZE);
    }
}
