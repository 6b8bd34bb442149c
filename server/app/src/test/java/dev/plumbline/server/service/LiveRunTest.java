package dev.plumbline.server.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.engine.data.SkippedRows;
import dev.plumbline.engine.select.MiningListener;
import dev.plumbline.engine.train.BatchSettings;
import dev.plumbline.engine.train.Plan;
import dev.plumbline.engine.train.StepDetails;
import dev.plumbline.engine.train.StepMetrics;
import dev.plumbline.server.store.BatchChoice;
import dev.plumbline.server.store.GateChoice;
import dev.plumbline.server.store.LoraChoice;
import dev.plumbline.server.store.LossSettings;
import dev.plumbline.server.store.ModelChoice;
import dev.plumbline.server.store.NegativesChoice;
import dev.plumbline.server.store.OptimizerChoice;
import dev.plumbline.server.store.RowsChoice;
import dev.plumbline.server.store.RunRecord;
import dev.plumbline.server.store.RunSpec;
import dev.plumbline.server.store.RunStore;
import dev.plumbline.server.store.WorkState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs in memory and on disk, watched and left behind by a crash. */
class LiveRunTest {
    @TempDir Path root;
    private RunStore store;

    @BeforeEach
    void open() {
        store = new RunStore(root);
    }

    @Test
    void whatIsStoredComesBackAsItWas() {
        RunRecord run = record("a").started().stepped(step(1)).ended(WorkState.FAILED, "why");
        store.save(run);
        assertThat(store.runs()).containsExactly(run);
        assertThat(store.run("a")).contains(run);
        assertThat(store.run("b")).isEmpty();
    }

    @Test
    void aWatcherHearsEveryStepInOrderAndTheEndLast() {
        LiveRun live = live("a");
        var signals = new AtomicInteger();
        var watch = new RunWatch(live, signals::incrementAndGet);
        assertThat(watch.poll().orElseThrow().run().state()).isEqualTo(WorkState.QUEUED);
        assertThat(watch.poll()).isEmpty();
        assertThat(live.start()).isTrue();
        live.phase("reference", 1, 10);
        live.phase("reference", 5, 10);
        assertThat(signals).hasValue(3);
        assertThat(watch.poll().orElseThrow().phase().orElseThrow().done()).isEqualTo(5);
        live.step(step(1));
        live.step(step(2));
        live.end(WorkState.SUCCEEDED, "");
        assertThat(steps(watch)).containsExactly(1, 2);
        assertThat(watch.ended()).isTrue();
        assertThat(watch.poll()).isEmpty();
    }

    @Test
    void oneWhoComesLateHearsAllOfIt() {
        LiveRun live = live("a");
        live.start();
        live.step(step(1));
        live.step(step(2));
        live.end(WorkState.CANCELLED, "");
        var reopened = new RunStore(root);
        var late = new LiveRun(reopened, reopened.run("a").orElseThrow(), true);
        var watch = new RunWatch(late, () -> {});
        assertThat(steps(watch)).containsExactly(1, 2);
        assertThat(watch.ended()).isTrue();
    }

    @Test
    void stepsAfterTheCheckpointAreForgotten() {
        LiveRun live = live("a");
        live.start();
        for (int step = 1; step <= 3; step++) {
            live.step(step(step));
        }
        live.resumed(1, List.of("a checkpoint is damaged"));
        assertThat(live.run().stepsDone()).isEqualTo(1);
        assertThat(live.run().notes()).containsExactly("a checkpoint is damaged");
        assertThat(new RunStore(root).metrics("a")).containsExactly(step(1));
        live.step(step(2));
        assertThat(new RunStore(root).metrics("a")).containsExactly(step(1), step(2));
    }

    @Test
    void anEndedRunStaysAsItEnded() {
        LiveRun live = live("a");
        assertThat(live.endWaiting(WorkState.CANCELLED, "")).isTrue();
        assertThat(live.start()).isFalse();
        assertThat(live.end(WorkState.FAILED, "late")).isFalse();
        assertThat(live.run().state()).isEqualTo(WorkState.CANCELLED);
        assertThat(store.run("a").orElseThrow().state()).isEqualTo(WorkState.CANCELLED);
    }

    @Test
    void afterACrashUnfinishedRunsWaitForTheirTurn() {
        store.save(record("queued"));
        store.save(record("running").started().stepped(step(3)));
        store.save(record("done").ended(WorkState.SUCCEEDED, ""));
        RunService service = new RunService(new RunStore(root), planner());
        service.recover();
        for (String id : List.of("queued", "running")) {
            assertThat(service.get("runs/" + id).state()).isEqualTo(WorkState.QUEUED);
        }
        assertThat(service.get("runs/running").stepsDone()).isEqualTo(3);
        assertThat(service.get("runs/done").state()).isEqualTo(WorkState.SUCCEEDED);
    }

    @Test
    void aRunThatAnotherServerTrainsIsLeftAlone() {
        store.save(record("theirs").started());
        assertThat(store.hold("theirs")).isTrue();
        RunService service = new RunService(new RunStore(root), planner());
        service.recover();
        assertThat(service.get("runs/theirs").state()).isEqualTo(WorkState.RUNNING);
        store.save(record("theirs").started().stepped(step(7)));
        assertThat(service.get("runs/theirs").stepsDone()).isEqualTo(7);
        store.release("theirs");
        assertThat(service.get("runs/theirs").state()).isEqualTo(WorkState.QUEUED);
    }

    @Test
    void whatACrashDamagedIsLeftOut() throws IOException {
        store.save(record("good"));
        Files.createDirectories(root.resolve("bad"));
        Files.writeString(root.resolve("bad/run.json"), "{\"id\": \"bad\", \"state");
        Files.createDirectories(root.resolve("empty"));
        assertThat(store.runs()).extracting(RunRecord::id).containsExactly("good");
        store.append("good", step(1));
        store.append("good", step(2));
        Files.writeString(
                root.resolve("good/metrics.jsonl"), "{\"step\":3,\"lo", StandardOpenOption.APPEND);
        assertThat(store.metrics("good")).extracting(StepMetrics::step).containsExactly(1, 2);
    }

    private LiveRun live(String id) {
        RunRecord run = record(id);
        store.save(run);
        return new LiveRun(store, run, true);
    }

    /** Not asked for anything here. */
    private static RunPlanner planner() {
        return new RunPlanner() {
            @Override
            public PlannedRun plan(RunSpec spec) {
                throw new AssertionError("nothing is planned");
            }

            @Override
            public PreparedRun prepare(
                    RunSpec spec, ModelChoice model, Path folder, MiningListener listener) {
                throw new AssertionError("nothing is prepared");
            }
        };
    }

    private static List<Integer> steps(RunWatch watch) {
        var steps = new ArrayList<Integer>();
        Optional<RunUpdate> update = watch.poll();
        while (update.isPresent()) {
            update.get().step().ifPresent(s -> steps.add(s.step()));
            assertThat(watch.ended() && update.get().step().isPresent()).isFalse();
            update = watch.poll();
        }
        return steps;
    }

    private RunRecord record(String id) {
        var plan =
                new Plan(
                        4,
                        2,
                        10,
                        36,
                        50,
                        1000,
                        BatchSettings.Passes.RECOMPUTE,
                        false,
                        false,
                        1,
                        List.of(),
                        SkippedRows.NONE);
        return RunRecord.queued(
                id,
                "request",
                spec(),
                new ModelChoice("models/llava", "/llava", "fp32"),
                root.resolve("out"),
                plan);
    }

    private static RunSpec spec() {
        return new RunSpec(
                "models/llava",
                "/rows.jsonl",
                RowsChoice.DEFAULT,
                "",
                new LossSettings("dpo", Map.of("dpo.beta", "0.1"), 0.5),
                new LoraChoice("", 8, null, List.of("q_proj")),
                new OptimizerChoice(1e-5, 0.03, "cosine", 1, 0),
                new BatchChoice(32, 1, 0, "shuffled", "recompute", 0),
                new NegativesChoice("random", "/pool", 3, Map.of("sampling", "greedy")),
                7,
                5,
                GateChoice.NONE);
    }

    private static StepMetrics step(int step) {
        return new StepMetrics(
                step,
                0.7,
                0.3,
                0.4,
                1.5,
                1e-5,
                -3,
                -9,
                0.1,
                Double.NaN,
                Double.NaN,
                0.25,
                Double.NaN,
                Double.NaN,
                StepDetails.NONE);
    }
}
