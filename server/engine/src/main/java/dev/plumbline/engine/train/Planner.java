package dev.plumbline.engine.train;

import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.EncodedAnswer;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.ModelFacts;
import dev.plumbline.engine.score.AnswerBatch;
import dev.plumbline.engine.train.BatchSettings.Passes;
import java.util.ArrayList;
import java.util.List;

/** Reads all rows as a run would and tells what the run takes. */
final class Planner {
    /** More are not worth reading. */
    private static final int MOST_PROBLEMS = 20;

    /** Tensors of a position that the backward pass still needs, by layer, in hidden sizes. */
    private static final long KEPT_A_LAYER = 24;

    private Planner() {}

    static Plan plan(
            LoadedModel model, TrainingSpec spec, LossTerms losses, List<PreferenceExample> rows) {
        LoraParameters parameters = LoraParameters.of(model, spec.lora(), spec.seed());
        RowSequences sequences = new RowSequences(model, losses.inputs());
        List<String> problems = new ArrayList<>();
        int longest = 0;
        int most = 0;
        for (PreferenceExample row : rows) {
            try {
                losses.requireSuitable(row);
                for (EncodedAnswer answer : sequences.encode(row)) {
                    longest = Math.max(longest, answer.length());
                }
                most = Math.max(most, sequences.count(row));
            } catch (PlumblineException e) {
                if (problems.size() < MOST_PROBLEMS) {
                    problems.add(e.getMessage());
                }
            }
        }
        return new Plan(
                rows.size(),
                spec.batch().steps(rows.size()),
                parameters.count(),
                model.imageTokens(),
                longest,
                memory(model.facts(), spec.batch(), parameters.count(), longest, most),
                spec.batch().passes(),
                spec.batch().microBatch(),
                problems);
    }

    /** Activations of the largest micro-batch, and the adapter-sized buffers. */
    private static long memory(
            ModelFacts facts, BatchSettings batch, long parameters, int longest, int sequences) {
        boolean unit = batch.passes() == Passes.UNIT_WEIGHT;
        long together =
                unit
                        ? 1
                        : Math.max(
                                1,
                                Math.min(side(batch), AnswerBatch.TOKENS / Math.max(1, longest)));
        long tokens = together * longest;
        long activations =
                tokens * facts.hiddenSize() * KEPT_A_LAYER * facts.layers()
                        + 3 * tokens * facts.vocabSize();
        // Values, what is fed, two moments, the gradient, and what waits for the loss.
        long buffers = parameters * (5 + (unit ? sequences : 0));
        return (activations + buffers) * Float.BYTES;
    }

    private static long side(BatchSettings batch) {
        return batch.microBatch() == 0 ? Long.MAX_VALUE : batch.microBatch();
    }
}
