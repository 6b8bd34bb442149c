package dev.plumbline.engine.train;

import dev.plumbline.engine.checkpoint.SystemMemory;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.SkippedRows;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.score.AnswerBatch;
import dev.plumbline.engine.score.AnswerSequence;
import dev.plumbline.engine.train.BatchSettings.Passes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Reads all rows as a run would and tells what the run takes.
 *
 * <p>It also chooses what changes no result. Recomputing passes do three units of work (policy
 * forward, forward, backward) on rows in which a prompt and its picture are computed once for both
 * answers; unit-weight passes do two (forward, backward), but on every sequence alone, and hold a
 * gradient for each of a row's sequences. So two answers on one picture (no negatives) are cheaper
 * recomputed, several pictures with long prompts by unit weight, and short sequences of a small
 * model, where starting operators costs more than running them, recomputed again. Whichever is
 * cheapest of what fits into memory is taken: first with all activations kept, then with {@link
 * dev.plumbline.engine.autodiff.Gradients checkpoints}, seven tenths of a unit more.
 */
final class Planner {
    /** More are not worth reading. */
    private static final int MOST_PROBLEMS = 20;

    /** The part of the available memory that a run may take. */
    private static final double SHARE = 0.8;

    private final LoadedModel model;
    private final TrainingSpec spec;
    private final LoraParameters parameters;
    private final List<String> problems = new ArrayList<>();
    private final List<AnswerBatch.Size> single = new ArrayList<>();
    private final List<AnswerBatch.Size> batches = new ArrayList<>();
    private int most;

    private Planner(LoadedModel model, TrainingSpec spec) {
        this.model = model;
        this.spec = spec;
        this.parameters = LoraParameters.of(model, spec.lora(), spec.seed());
    }

    static Plan plan(
            LoadedModel model, TrainingSpec spec, LossTerms losses, List<PreferenceExample> rows) {
        return plan(model, spec, losses, rows, new SystemMemory().availableBytes());
    }

    /**
     * @param availableBytes memory that this process may still use
     */
    static Plan plan(
            LoadedModel model,
            TrainingSpec spec,
            LossTerms losses,
            List<PreferenceExample> rows,
            long availableBytes) {
        Planner planner = new Planner(model, spec);
        planner.read(losses, rows);
        return planner.plan(rows.size(), availableBytes);
    }

    /**
     * One way to make the run.
     *
     * @param work in operations
     */
    private record Way(Passes passes, boolean checkpointed, double work, long bytes) {}

    private void read(LossTerms losses, List<PreferenceExample> rows) {
        RowSequences sequences = new RowSequences(model, losses.inputs());
        List<AnswerSequence> step = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            try {
                losses.requireSuitable(rows.get(i));
                List<AnswerSequence> row = sequences.outline(rows.get(i));
                single.addAll(AnswerBatch.sizes(row, 1));
                most = Math.max(most, row.size());
                step.addAll(row);
            } catch (PlumblineException e) {
                if (problems.size() < MOST_PROBLEMS) {
                    problems.add(e.getMessage());
                }
            }
            if ((i + 1) % spec.batch().batchSize() == 0 || i + 1 == rows.size()) {
                batches.addAll(AnswerBatch.sizes(step, spec.batch().mostSequences()));
                step.clear();
            }
        }
    }

    private Plan plan(int rows, long availableBytes) {
        // Quantized weights may still be to be packed, which the first session does.
        long room = availableBytes - model.memory().parts().packed();
        Way way = choose(room);
        if (way.bytes() > room) {
            problems.addFirst(
                    "it takes at least %.2f GB of memory on top of the model, %.2f GB are available: take a smaller micro_batch, fewer negatives (k), shorter answers or a smaller rank, or free memory"
                            .formatted(way.bytes() / 1e9, Math.max(0, room) / 1e9));
        }
        return new Plan(
                rows,
                spec.batch().steps(rows),
                parameters.count(),
                model.imageTokens(),
                single.stream().mapToInt(AnswerBatch.Size::length).max().orElse(0),
                way.bytes(),
                way.passes(),
                way.checkpointed(),
                spec.batch().microBatch(),
                problems,
                SkippedRows.NONE);
    }

    /** The least work that leaves some of the memory free, else the least memory. */
    private Way choose(long room) {
        List<Way> ways = new ArrayList<>();
        StepWork work = StepWork.of(model);
        TrainingMemory memory = new TrainingMemory(model, parameters);
        Passes wanted = spec.batch().passes();
        for (boolean checkpointed : List.of(false, true)) {
            if (wanted != Passes.UNIT_WEIGHT) {
                ways.add(
                        new Way(
                                Passes.RECOMPUTE,
                                checkpointed,
                                work.recompute(batches, checkpointed),
                                memory.recompute(batches, single, checkpointed)));
            }
            if (wanted != Passes.RECOMPUTE) {
                ways.add(
                        new Way(
                                Passes.UNIT_WEIGHT,
                                checkpointed,
                                work.unitWeight(single, checkpointed),
                                memory.unitWeight(single, most, checkpointed)));
            }
        }
        return ways.stream()
                .filter(way -> way.bytes() <= SHARE * room)
                .min(Comparator.comparingDouble(Way::work))
                .orElseGet(() ->
                        ways.stream().min(Comparator.comparingLong(Way::bytes)).orElseThrow());
    }
}
