package dev.plumbline.engine.train;

import dev.plumbline.engine.data.NegativeImage;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.expr.LossInput;
import dev.plumbline.engine.expr.RowLogps;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.score.AnswerBatch;
import dev.plumbline.engine.score.AnswerSequence;
import dev.plumbline.engine.score.ReferenceScorer;
import dev.plumbline.engine.score.Scorer;
import dev.plumbline.engine.tensor.Tensor;
import dev.plumbline.engine.train.LossTerms.RowLoss;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Loss and gradient of one batch of rows, exact whatever the micro-batches and the passes: a loss
 * depends on the model only through log-probabilities of answers, so its derivative with respect to
 * these weighs the gradients of the sequences.
 */
final class TrainingStep {
    private final LossTerms losses;
    private final LoraParameters parameters;
    private final GradientPass gradientPass;
    private final RowSequences sequences;
    private final Scorer scorer;
    private final ReferenceLogps reference;
    private final int microBatch;
    private final Progress progress;
    private long tokens;

    /** Told how much of a step has its gradient. */
    @FunctionalInterface
    interface Progress {
        void advanced(long done, long total);
    }

    /** Keeps the reference's log-probabilities in memory. */
    TrainingStep(
            LoadedModel model,
            LossTerms losses,
            LoraParameters parameters,
            int microBatch,
            boolean checkpointed,
            Progress progress) {
        this(
                model,
                losses,
                parameters,
                microBatch,
                checkpointed,
                new ReferenceLogps(new ReferenceScorer(model, Optional.empty())),
                progress);
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
        this.gradientPass = new GradientPass(model, parameters, checkpointed);
        this.sequences = new RowSequences(model, losses.inputs());
        this.scorer = new Scorer(model);
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
     * Policy forward, losses, then forward and backward with their derivatives.
     *
     * @param indices which rows these are, for the reference's log-probabilities
     */
    Outcome recompute(List<PreferenceExample> rows, List<Integer> indices, Cancellation c) {
        return recompute(rows, indices, rows.size(), c);
    }

    /**
     * The same for a part of a batch.
     *
     * @param batchSize rows that the mean is over
     */
    Outcome recompute(
            List<PreferenceExample> rows, List<Integer> indices, int batchSize, Cancellation c) {
        Forward forward = forward(rows, indices, c);
        Outcome outcome = new Outcome(forward.rows(), new ArrayList<>(), gradientPass.zeros());
        List<double[]> derivatives = new ArrayList<>();
        for (RowLogps row : forward.rows()) {
            RowLoss loss = losses.evaluate(row);
            outcome.losses().add(loss);
            derivatives.add(
                    Arrays.stream(loss.gradients())
                            .map(gradient -> gradient / batchSize)
                            .toArray());
        }
        accumulate(forward.sequences(), derivatives, outcome.gradients(), c);
        return outcome;
    }

    /** Log-probabilities of rows, and what they were computed from. */
    private record Forward(List<List<AnswerSequence>> sequences, List<RowLogps> rows) {}

    /** Log-probabilities alone. */
    List<RowLogps> logps(List<PreferenceExample> rows, List<Integer> indices, Cancellation c) {
        return forward(rows, indices, c).rows();
    }

    private Forward forward(List<PreferenceExample> rows, List<Integer> indices, Cancellation c) {
        List<List<AnswerSequence>> byRow = keyed(rows, indices, c);
        List<AnswerSequence> all = byRow.stream().flatMap(List::stream).toList();
        List<List<Double>> references = sums(reference.of(indices, byRow, c));
        List<Double> policy =
                sums(List.of(scorer.tokenLogps(all, parameters.trainingTensors(), c))).getFirst();
        List<RowLogps> logps = new ArrayList<>();
        int at = 0;
        for (int i = 0; i < rows.size(); i++) {
            int end = at + byRow.get(i).size();
            logps.add(logps(rows.get(i), policy.subList(at, end), references.get(i)));
            at = end;
        }
        return new Forward(byRow, logps);
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
        accumulate(keyed(rows, indices, c), derivatives, gradients, c);
        return gradients;
    }

    private void accumulate(
            List<List<AnswerSequence>> byRow,
            List<double[]> derivatives,
            List<float[]> gradients,
            Cancellation c) {
        List<AnswerSequence> all = byRow.stream().flatMap(List::stream).toList();
        double[] weights = derivatives.stream().flatMapToDouble(Arrays::stream).toArray();
        int at = 0;
        for (List<AnswerSequence> batch : AnswerBatch.split(all, microBatch)) {
            double[] part = Arrays.copyOfRange(weights, at, at + batch.size());
            gradientPass.accumulate(batch, part, gradients, c);
            at += batch.size();
            progress.advanced(at, all.size());
        }
    }

    /** Forward and backward of each sequence once; its gradient waits for the row's losses. */
    Outcome unitWeight(List<PreferenceExample> rows, List<Integer> indices, Cancellation c) {
        return unitWeight(rows, indices, rows.size(), c);
    }

    /**
     * The same for a part of a batch.
     *
     * @param batchSize rows that the mean is over
     */
    Outcome unitWeight(
            List<PreferenceExample> rows, List<Integer> indices, int batchSize, Cancellation c) {
        Outcome outcome = new Outcome(new ArrayList<>(), new ArrayList<>(), gradientPass.zeros());
        for (int i = 0; i < rows.size(); i++) {
            List<AnswerSequence> row =
                    keyed(rows.subList(i, i + 1), indices.subList(i, i + 1), c).getFirst();
            List<List<Double>> references =
                    sums(reference.of(List.of(indices.get(i)), List.of(row), c));
            List<Double> policy = new ArrayList<>();
            List<List<float[]>> kept = new ArrayList<>();
            for (AnswerSequence sequence : row) {
                List<float[]> own = gradientPass.zeros();
                policy.addAll(gradientPass.accumulate(List.of(sequence), new double[] {1}, own, c));
                kept.add(own);
            }
            RowLogps logps = logps(rows.get(i), policy, references.getFirst());
            outcome.rows().add(logps);
            outcome.losses().add(losses.evaluate(logps));
            double[] weights = outcome.losses().get(i).gradients();
            for (int s = 0; s < kept.size(); s++) {
                add(kept.get(s), weights[s] / batchSize, outcome.gradients());
            }
            progress.advanced(i + 1L, rows.size());
        }
        return outcome;
    }

    /** Log-probabilities that a row has. */
    int sequences(PreferenceExample row) {
        return 2 + (losses.inputs().contains(LossInput.NEGATIVES) ? row.negatives().size() : 0);
    }

    private static List<List<Double>> sums(List<List<List<Double>>> rows) {
        return rows.stream()
                .map(row ->
                        row.stream()
                                .map(l -> l.stream().mapToDouble(Double::doubleValue).sum())
                                .toList())
                .toList();
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

    private static RowLogps logps(
            PreferenceExample row, List<Double> policy, List<Double> references) {
        List<NegativeImage> drawn = row.negatives().subList(0, policy.size() - 2);
        RowLogps.Proposal proposal =
                new RowLogps.Proposal(
                        drawn.stream().mapToDouble(NegativeImage::logWeight).toArray(),
                        drawn.stream().mapToDouble(NegativeImage::logQ).toArray(),
                        Math.log(Math.max(1, row.mining().poolSize())));
        return new RowLogps(answers(policy), answers(references), proposal);
    }

    private static RowLogps.Answers answers(List<Double> logps) {
        double[] negatives =
                logps.subList(2, logps.size()).stream().mapToDouble(Double::doubleValue).toArray();
        return new RowLogps.Answers(logps.get(0), logps.get(1), negatives);
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
