package dev.plumbline.engine.expr;

import dev.plumbline.engine.graph.GraphBuilder;
import dev.plumbline.engine.graph.Value;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.spi.AnswerTokens;
import dev.plumbline.spi.Expression;
import dev.plumbline.spi.PreferenceRow;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;

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

    @Override
    public AnswerTokens chosenTokens() {
        return new Tokens(
                () -> get(LossInput.CHOSEN_TOKENS),
                () -> get(LossInput.REFERENCE_CHOSEN_TOKENS),
                () -> get(LossInput.CHOSEN_KL),
                () -> get(LossInput.CHOSEN_CHANGED));
    }

    @Override
    public AnswerTokens rejectedTokens() {
        return new Tokens(
                () -> get(LossInput.REJECTED_TOKENS),
                () -> get(LossInput.REFERENCE_REJECTED_TOKENS),
                () -> get(LossInput.REJECTED_KL),
                () -> get(LossInput.REJECTED_CHANGED));
    }

    /** Which inputs an answer's are. */
    private record Tokens(
            Supplier<Expression> policy,
            Supplier<Expression> reference,
            Supplier<Expression> divergence,
            Supplier<Expression> change)
            implements AnswerTokens {
        @Override
        public Expression logps() {
            return policy.get();
        }

        @Override
        public Expression referenceLogps() {
            return reference.get();
        }

        @Override
        public Expression kl() {
            return divergence.get();
        }

        @Override
        public Expression changed() {
            return change.get();
        }
    }
}
