package dev.plumbline.engine.train;

import dev.plumbline.engine.data.NegativeImage;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.expr.RowLogps;
import dev.plumbline.engine.score.AnswerSequence;
import dev.plumbline.engine.score.TokenScores;
import java.util.List;

/**
 * What both models say of one row: its sequences (chosen, rejected, chosen on each negative) with
 * the figures of their answers' tokens.
 */
record RowReading(
        PreferenceExample row,
        List<AnswerSequence> sequences,
        List<TokenScores> policy,
        List<List<Double>> reference) {
    /**
     * As losses read it.
     *
     * @param tokens whether any reads single tokens
     */
    RowLogps logps(boolean tokens) {
        List<List<Double>> own = policy.stream().map(TokenScores::logps).toList();
        if (!tokens) {
            return new RowLogps(answers(own), answers(reference), proposal());
        }
        ChangedTokens changed =
                ChangedTokens.between(
                        sequences.get(0).answer().answerIds(),
                        sequences.get(1).answer().answerIds());
        return new RowLogps(
                answers(own),
                answers(reference),
                proposal(),
                tokens(0, changed.chosen()),
                tokens(1, changed.rejected()));
    }

    private RowLogps.Tokens tokens(int sequence, double[] changed) {
        TokenScores scores = policy.get(sequence);
        return new RowLogps.Tokens(
                numbers(scores.logps()),
                numbers(reference.get(sequence)),
                numbers(scores.kl()),
                changed);
    }

    private RowLogps.Proposal proposal() {
        List<NegativeImage> drawn = row.negatives().subList(0, sequences.size() - 2);
        return new RowLogps.Proposal(
                drawn.stream().mapToDouble(NegativeImage::logWeight).toArray(),
                drawn.stream().mapToDouble(NegativeImage::logQ).toArray(),
                Math.log(Math.max(1, row.mining().poolSize())));
    }

    private static RowLogps.Answers answers(List<List<Double>> logps) {
        double[] sums = logps.stream().mapToDouble(RowReading::sum).toArray();
        double[] negatives = new double[sums.length - 2];
        System.arraycopy(sums, 2, negatives, 0, negatives.length);
        return new RowLogps.Answers(sums[0], sums[1], negatives);
    }

    private static double sum(List<Double> values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }

    private static double[] numbers(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
