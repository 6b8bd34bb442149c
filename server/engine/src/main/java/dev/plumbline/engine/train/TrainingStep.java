package dev.plumbline.engine.train;

import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.expr.LossInput;
import dev.plumbline.engine.expr.RowLogps;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.score.AnswerBatch;
import dev.plumbline.engine.score.AnswerSequence;
import dev.plumbline.engine.score.KlScorer;
import dev.plumbline.engine.score.Scorer;
import dev.plumbline.engine.score.TokenScores;
import dev.plumbline.engine.tensor.Tensor;
import dev.plumbline.engine.train.BatchSettings.Passes;
import dev.plumbline.engine.train.LossTerms.RowLoss;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Loss and gradient of one batch of rows, exact whatever the micro-batches and the passes: a loss
 * depends on the model only through log-probabilities of answers (and the KL to the reference), so
 * its derivative with respect to these weighs the gradients of the sequences.
 */
final class TrainingStep {
    private final LossTerms losses;
    private final LoraParameters parameters;
    private final GradientPass gradientPass;
    private final RowSequences sequences;
    private final Scorer scorer;
    private final KlScorer klScorer;
    private final ReferenceLogps reference;
    private final int microBatch;
    private final Progress progress;
    private long tokens;

    /** Told how much of a step has its gradient. */
    @FunctionalInterface
    interface Progress {
        void advanced(long done, long total);
    }

    /**
     * @param microBatch sequences side by side at most; 0 as many as are worth it
     * @param checkpointed see {@link GradientPass}
     * @param reference log-probabilities without the adapter
     */
    TrainingStep(
            LoadedModel model,
            LossTerms losses,
            LoraParameters parameters,
            int microBatch,
            boolean checkpointed,
            ReferenceLogps reference,
            Progress progress) {
        this.losses = losses;
        this.parameters = parameters;
        this.gradientPass = new GradientPass(model, parameters, checkpointed, losses.readKl());
        this.sequences = new RowSequences(model, losses.inputs());
        this.scorer = new Scorer(model);
        this.klScorer = new KlScorer(model);
        this.reference = reference;
        this.microBatch = microBatch == 0 ? Integer.MAX_VALUE : microBatch;
        this.progress = progress;
    }

    /**
     * What a batch gave.
     *
     * @param gradients of the mean loss, in the order of {@link LoraParameters#values}
     */
    record Outcome(List<RowLogps> rows, List<RowLoss> losses, List<float[]> gradients) {}

    /**
     * Loss and gradient of rows, which may be a part of a batch.
     *
     * @param passes never {@code AUTO}
     * @param indices which rows these are, for the reference's log-probabilities
     * @param batchSize rows that the mean is over
     */
    Outcome run(
            Passes passes,
            List<PreferenceExample> rows,
            List<Integer> indices,
            int batchSize,
            Cancellation c) {
        return passes == Passes.RECOMPUTE
                ? recompute(rows, indices, batchSize, c)
                : unitWeight(rows, indices, batchSize, c);
    }

    /** Policy forward, losses, then forward and backward with their derivatives. */
    private Outcome recompute(
            List<PreferenceExample> rows, List<Integer> indices, int batchSize, Cancellation c) {
        List<RowReading> forward = forward(rows, indices, c);
        Outcome outcome = new Outcome(new ArrayList<>(), new ArrayList<>(), gradientPass.zeros());
        List<AnswerGradient> weights = new ArrayList<>();
        for (RowReading reading : forward) {
            RowLoss loss = evaluate(reading, outcome);
            loss.answers().forEach(answer -> weights.add(answer.times(1.0 / batchSize)));
        }
        List<List<AnswerSequence>> sequenced = forward.stream().map(RowReading::sequences).toList();
        accumulate(sequenced, weights, outcome.gradients(), c);
        return outcome;
    }

    /** Log-probabilities alone. */
    List<RowLogps> logps(List<PreferenceExample> rows, List<Integer> indices, Cancellation c) {
        return forward(rows, indices, c).stream().map(reading -> reading.logps(false)).toList();
    }

    private List<RowReading> forward(
            List<PreferenceExample> rows, List<Integer> indices, Cancellation c) {
        List<List<AnswerSequence>> byRow = keyed(rows, indices, c);
        List<AnswerSequence> all = byRow.stream().flatMap(List::stream).toList();
        List<List<List<Double>>> references = reference.of(indices, byRow, c);
        List<TokenScores> policy = policy(all, c);
        List<RowReading> readings = new ArrayList<>();
        int at = 0;
        for (int i = 0; i < rows.size(); i++) {
            List<AnswerSequence> row = byRow.get(i);
            List<TokenScores> own = policy.subList(at, at + row.size());
            readings.add(new RowReading(rows.get(i), row, own, references.get(i)));
            at += row.size();
        }
        return readings;
    }

    /**
     * The gradient of what has these derivatives.
     *
     * @param derivatives of each row, with respect to log p of chosen, rejected, and chosen on each
     *     negative
     */
    List<float[]> backward(
            List<PreferenceExample> rows,
            List<Integer> indices,
            List<double[]> derivatives,
            Cancellation c) {
        List<float[]> gradients = gradientPass.zeros();
        List<AnswerGradient> weights =
                derivatives.stream()
                        .flatMapToDouble(Arrays::stream)
                        .mapToObj(AnswerGradient::of)
                        .toList();
        accumulate(keyed(rows, indices, c), weights, gradients, c);
        return gradients;
    }

    private void accumulate(
            List<List<AnswerSequence>> byRow,
            List<AnswerGradient> weights,
            List<float[]> gradients,
            Cancellation c) {
        List<AnswerSequence> all = byRow.stream().flatMap(List::stream).toList();
        int at = 0;
        for (List<AnswerSequence> batch : AnswerBatch.split(all, microBatch)) {
            gradientPass.accumulate(batch, weights.subList(at, at + batch.size()), gradients, c);
            at += batch.size();
            progress.advanced(at, all.size());
        }
    }

    private List<TokenScores> policy(List<AnswerSequence> all, Cancellation c) {
        return losses.readKl()
                ? klScorer.score(all, parameters.trainingTensors(), c)
                : scorer.tokenLogps(all, parameters.trainingTensors(), c).stream()
                        .map(TokenScores::of)
                        .toList();
    }

    /**
     * Forward and backward of each sequence once; its gradient waits for the row's losses, which
     * must not read single tokens.
     */
    private Outcome unitWeight(
            List<PreferenceExample> rows, List<Integer> indices, int batchSize, Cancellation c) {
        Outcome outcome = new Outcome(new ArrayList<>(), new ArrayList<>(), gradientPass.zeros());
        List<AnswerGradient> one = List.of(AnswerGradient.of(1));
        for (int i = 0; i < rows.size(); i++) {
            List<AnswerSequence> row =
                    keyed(rows.subList(i, i + 1), indices.subList(i, i + 1), c).getFirst();
            List<List<Double>> references =
                    reference.of(List.of(indices.get(i)), List.of(row), c).getFirst();
            List<TokenScores> policy = new ArrayList<>();
            List<List<float[]>> kept = new ArrayList<>();
            for (AnswerSequence sequence : row) {
                List<float[]> own = gradientPass.zeros();
                gradientPass
                        .accumulate(List.of(sequence), one, own, c)
                        .forEach(logps -> policy.add(TokenScores.of(logps)));
                kept.add(own);
            }
            RowLoss loss = evaluate(new RowReading(rows.get(i), row, policy, references), outcome);
            for (int s = 0; s < kept.size(); s++) {
                double weight = loss.answers().get(s).whole() / batchSize;
                add(kept.get(s), weight, outcome.gradients());
            }
            progress.advanced(i + 1L, rows.size());
        }
        return outcome;
    }

    /** Log-probabilities that a row has. */
    int sequences(PreferenceExample row) {
        return 2 + (losses.inputs().contains(LossInput.NEGATIVES) ? row.negatives().size() : 0);
    }

    /** Tokens of all sequences so far, image tokens counted, each once. */
    long tokens() {
        return tokens;
    }

    private List<AnswerSequence> read(PreferenceExample row, Cancellation cancellation) {
        List<AnswerSequence> read = sequences.of(row, cancellation);
        for (AnswerSequence sequence : read) {
            tokens += sequence.answer().sequence().ids().size();
        }
        return read;
    }

    /**
     * Each row's sequences under a key of their own. Those on one picture have the same: what they
     * begin with is computed once for both.
     */
    private List<List<AnswerSequence>> keyed(
            List<PreferenceExample> rows, List<Integer> indices, Cancellation cancellation) {
        List<List<AnswerSequence>> keyed = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            long row = indices.get(i);
            List<AnswerSequence> own = read(rows.get(i), cancellation);
            List<List<Tensor>> pictures = own.stream().map(AnswerSequence::features).toList();
            keyed.add(
                    own.stream()
                            .map(s -> s.withKey(row << 32 | pictures.indexOf(s.features())))
                            .toList());
        }
        return keyed;
    }

    private RowLoss evaluate(RowReading reading, Outcome outcome) {
        RowLogps logps = reading.logps(losses.readTokens());
        RowLoss loss = losses.evaluate(logps);
        outcome.rows().add(logps);
        outcome.losses().add(loss);
        return loss;
    }

    private static void add(List<float[]> values, double factor, List<float[]> sums) {
        for (int i = 0; i < sums.size(); i++) {
            float[] sum = sums.get(i);
            float[] value = values.get(i);
            for (int j = 0; j < sum.length; j++) {
                sum[j] += (float) factor * value[j];
            }
        }
    }
}
