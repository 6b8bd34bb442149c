package dev.plumbline.engine.train;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.score.ReferenceScorer;
import dev.plumbline.engine.train.BatchSettings.Order;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * One run's steps, from the beginning or from the newest checkpoint, with the same result to the
 * bit: what a step does follows from the state before it, the specification and its number.
 */
final class TrainingLoop {
    private static final String NOT_FINITE = "LOSS_NOT_FINITE";
    private static final long CHECKPOINT_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** Writing checkpoints takes at most one part in so many of the time. */
    private static final int CHECKPOINT_SHARE = 20;

    private final TrainingSpec spec;
    private final Plan plan;
    private final List<PreferenceExample> rows;
    private final RunFiles files;
    private final RunIdentity identity;
    private final Optional<RunCheckpoints> checkpoints;
    private final LossTerms losses;
    private final TrainingState state;
    private final TrainingListener listener;
    private final ReferenceLogps reference;
    private final TrainingStep step;
    private final StepClock clock = new StepClock();
    private final int steps;
    private int done;
    private int orderedEpoch = -1;
    private List<Integer> order = List.of();
    private int savedAt;

    /** False between an update and the end of its step, where a gate may be cancelled. */
    private boolean whole = true;

    private long savedNanos = System.nanoTime();
    private long saveTook;

    TrainingLoop(
            LoadedModel model,
            TrainingSpec spec,
            Plan plan,
            List<PreferenceExample> rows,
            LossTerms losses,
            RunFiles files,
            TrainingListener listener) {
        this.spec = spec;
        this.plan = plan;
        this.rows = rows;
        this.files = files;
        this.identity = RunIdentity.of(model, spec, plan, rows);
        this.checkpoints = files.checkpoints().map(RunCheckpoints::new);
        this.losses = losses;
        this.listener = listener;
        this.state = TrainingState.of(model, spec);
        this.steps = spec.batch().steps(rows.size());
        this.reference = new ReferenceLogps(new ReferenceScorer(model, files.references()));
        this.step =
                new TrainingStep(
                        model,
                        losses,
                        state.parameters(),
                        spec.batch().microBatch(),
                        plan.checkpointed(),
                        reference,
                        (part, parts) ->
                                listener.phase(
                                        "step %d of %d".formatted(done + 1, steps), part, parts));
    }

    /** Trains to the end and writes the adapter; a run that is cancelled can go on from there. */
    void run(RunMonitor monitor, Cancellation cancellation) throws IOException {
        resume(monitor);
        Files.createDirectories(files.output());
        try (StepLog log = new StepLog(files.output(), done)) {
            try {
                while (done < steps && !monitor.stops()) {
                    cancellation.check();
                    StepMetrics figures = step(monitor, cancellation);
                    done++;
                    whole = true;
                    log.write(figures);
                    listener.step(figures);
                    if (isDue()) {
                        save(monitor, log);
                    }
                    monitor.requireSound();
                }
            } catch (PlumblineException e) {
                boolean sound = e.code() == ErrorCode.CANCELLED || e.reason().equals(NOT_FINITE);
                if (sound && whole && done > savedAt) {
                    save(monitor, log);
                }
                throw e;
            }
        }
        monitor.result(state.parameters().adapter(), done).write(files.output());
    }

    private void resume(RunMonitor monitor) {
        if (checkpoints.isEmpty()) {
            return;
        }
        RunCheckpoints.Found found = checkpoints.get().newest();
        found.checkpoint().ifPresent(checkpoint -> restore(checkpoint, monitor));
        if (found.checkpoint().isPresent() || !found.notes().isEmpty()) {
            listener.resumed(done, found.notes());
        }
    }

    private void restore(RunCheckpoint checkpoint, RunMonitor monitor) {
        ObjectNode stored = checkpoint.state();
        identity.require(stored.path("identity"));
        state.restore(checkpoint.tensors(), stored.path("updates").asInt());
        done = stored.path("step").asInt();
        savedAt = done;
        monitor.restore(stored.path("monitor"));
        orderedEpoch = stored.path("epoch").asInt(-1);
        List<Integer> indices = new ArrayList<>();
        stored.path("order").forEach(index -> indices.add(index.asInt()));
        order = List.copyOf(indices);
    }

    private boolean isDue() {
        if (checkpoints.isEmpty()) {
            return false;
        }
        if (files.checkpointEvery() > 0) {
            return done % files.checkpointEvery() == 0;
        }
        long since = System.nanoTime() - savedNanos;
        return since > Math.max(CHECKPOINT_NANOS, CHECKPOINT_SHARE * saveTook);
    }

    private void save(RunMonitor monitor, StepLog log) throws IOException {
        if (checkpoints.isEmpty()) {
            return;
        }
        long start = System.nanoTime();
        log.force();
        ObjectNode stored = JsonNodeFactory.instance.objectNode();
        stored.put("step", done);
        stored.put("updates", state.updates());
        stored.put("epoch", orderedEpoch);
        order.forEach(stored.putArray("order")::add);
        stored.set("monitor", monitor.state());
        stored.set("identity", identity.json());
        checkpoints.get().save(done, stored, state.arrays());
        savedAt = done;
        savedNanos = System.nanoTime();
        saveTook = savedNanos - start;
    }

    /** The rows of the step that comes next. */
    private List<Integer> batch() {
        int size = spec.batch().batchSize();
        int perEpoch = Math.ceilDiv(rows.size(), size);
        int epoch = done / perEpoch;
        if (epoch != orderedEpoch) {
            order = order(epoch);
            orderedEpoch = epoch;
        }
        int start = done % perEpoch * size;
        return order.subList(start, Math.min(order.size(), start + size));
    }

    private List<Integer> order(int epoch) {
        List<Integer> indices = new ArrayList<>(IntStream.range(0, rows.size()).boxed().toList());
        if (spec.batch().order() == Order.SHUFFLED) {
            Collections.shuffle(indices, new Random(spec.seed() * 31 + epoch));
        }
        return indices;
    }

    private StepMetrics step(RunMonitor monitor, Cancellation cancellation) {
        long start = System.nanoTime();
        long passes = reference.passes();
        long hits = reference.hits();
        long tokens = step.tokens();
        List<Integer> batch = batch();
        state.parameters().beginStep(done);
        List<PreferenceExample> chosen = batch.stream().map(rows::get).toList();
        TrainingStep.Outcome outcome =
                step.run(plan.passes(), chosen, batch, batch.size(), cancellation);
        double norm = GradientNorm.of(outcome.gradients());
        BatchMetrics figures = BatchMetrics.of(outcome, losses.beta(), losses.imageBeta());
        double rate = spec.optimizer().learningRate(done, steps);
        var size = new RunMonitor.StepSize(figures.loss(), norm);
        if (size.isFinite()) {
            whole = false;
            GradientNorm.clip(outcome.gradients(), norm, spec.optimizer().maxGradNorm());
            state.update(outcome.gradients(), rate);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        StepDetails details =
                new StepDetails(
                        new RewardFigures(outcome.rows()).rewards(losses.beta()),
                        clock.stepped(seconds, step.tokens() - tokens, steps - done - 1),
                        new StepDetails.References(
                                reference.passes() - passes, reference.hits() - hits),
                        monitor.examine(done + 1, steps, state.parameters(), cancellation),
                        monitor.look(done + 1, size, chosen, outcome));
        return new StepMetrics(
                done + 1,
                figures.loss(),
                figures.imageLoss(),
                figures.textLoss(),
                norm,
                rate,
                figures.chosenLogps(),
                figures.rejectedLogps(),
                figures.margins(),
                figures.proposal().ess(),
                figures.proposal().variance(),
                seconds,
                figures.policy().ess(),
                figures.policy().variance(),
                details);
    }
}
