package dev.plumbline.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.plumbline.engine.checkpoint.PeftAdapter;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.train.BatchSettings.Order;
import dev.plumbline.engine.train.BatchSettings.Passes;
import dev.plumbline.engine.train.GateSettings.Better;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs with an examination whose outcome is decided beforehand. */
class GatedRunsTest {
    @TempDir static Path cache;

    private static TrainingFixture fixture;

    @TempDir Path folder;

    @BeforeAll
    static void load() {
        fixture = new TrainingFixture(cache);
    }

    @AfterAll
    static void close() {
        fixture.close();
    }

    /** Ten steps of two rows. */
    private static TrainingSpec spec() {
        TrainingSpec plain = TrainingFixture.spec("plackett-luce + 1.0 * dpo");
        BatchSettings batch = new BatchSettings(2, 5, 0, Order.SHUFFLED, Passes.RECOMPUTE, 0);
        return new TrainingSpec(plain.loss(), plain.lora(), plain.optimizer(), batch, 0);
    }

    /** Gives one accuracy after the other; an adapter that comes again gets what it got. */
    private static final class Marks implements Gate {
        private final List<Double> marks;
        private final Map<String, Double> given = new HashMap<>();
        private final List<String> digests = new ArrayList<>();
        private Runnable before = () -> {};

        Marks(Double... marks) {
            this.marks = List.of(marks);
        }

        @Override
        public Map<String, Double> evaluate(LoraAdapter adapter, Cancellation cancellation) {
            before.run();
            cancellation.check();
            double mark = given.computeIfAbsent(adapter.digest(), d -> marks.get(given.size()));
            digests.add(adapter.digest());
            return Map.of("accuracy", mark);
        }
    }

    private List<StepMetrics> run(Marks marks, GateSettings settings, Path output, Cancellation c) {
        TrainingFixture.Steps steps = new TrainingFixture.Steps();
        RunFiles files =
                new RunFiles(
                        output,
                        Optional.of(output.resolveSibling(output.getFileName() + "-state")),
                        1);
        TrainingSpec spec = spec();
        Trainer trainer = fixture.trainer().examinedBy(new Examination(marks, settings));
        trainer.run(spec, trainer.plan(spec, fixture.rows), fixture.rows, files, steps, c);
        return steps.steps;
    }

    private static String digest(Path output) {
        return PeftAdapter.read(output).digest();
    }

    @Test
    void theBestAdapterIsTheResult() throws IOException {
        Marks marks = new Marks(0.5, 0.75, 0.25, 0.5);
        GateSettings settings = new GateSettings(3, "accuracy", Better.HIGHER, true, 0);
        Path output = folder.resolve("run");
        List<StepMetrics> steps = run(marks, settings, output, Cancellation.none());
        assertThat(steps).hasSize(10);
        assertThat(steps.stream().filter(s -> !s.details().gate().isEmpty()).map(StepMetrics::step))
                .containsExactly(3, 6, 9, 10);
        assertThat(digest(output)).isEqualTo(marks.digests.get(1));
        assertThat(digest(output.resolve("best"))).isEqualTo(marks.digests.get(1));
        assertThat(Files.readAllLines(output.resolve("metrics.jsonl")).get(5))
                .contains("\"gate_accuracy\":0.75");
    }

    @Test
    void stopsEarlyWithTheLastOrTheBest() {
        Path best = folder.resolve("best-of");
        Marks marks = new Marks(0.5, 0.75, 0.25, 0.5);
        GateSettings settings = new GateSettings(2, "accuracy", Better.HIGHER, true, 1);
        assertThat(run(marks, settings, best, Cancellation.none())).hasSize(6);
        assertThat(digest(best)).isEqualTo(marks.digests.get(1));
        Path last = folder.resolve("last-of");
        Marks again = new Marks(0.5, 0.75, 0.25, 0.5);
        GateSettings without = new GateSettings(2, "accuracy", Better.HIGHER, false, 1);
        assertThat(run(again, without, last, Cancellation.none())).hasSize(6);
        assertThat(digest(last)).isEqualTo(again.digests.get(2));
    }

    /** Cancelled while it is examined, gone on with, and ended as if nothing had been. */
    @Test
    void anExaminationThatIsCancelledIsHeldAgain() throws IOException {
        GateSettings settings = new GateSettings(2, "accuracy", Better.HIGHER, true, 2);
        Path whole = folder.resolve("whole");
        Marks uninterrupted = new Marks(0.5, 0.75, 0.25, 0.5);
        run(uninterrupted, settings, whole, Cancellation.none());
        Path broken = folder.resolve("broken");
        Marks marks = new Marks(0.5, 0.75, 0.25, 0.5);
        Cancellation cancellation = new Cancellation();
        marks.before =
                () -> {
                    if (marks.given.size() == 2) {
                        cancellation.cancel();
                    }
                };
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> run(marks, settings, broken, cancellation));
        marks.before = () -> {};
        List<StepMetrics> rest = run(marks, settings, broken, Cancellation.none());
        assertThat(rest.getFirst().step()).isEqualTo(6);
        assertThat(marks.digests).isEqualTo(uninterrupted.digests);
        String tensors = "adapter_model.safetensors";
        assertThat(Files.readAllBytes(broken.resolve(tensors)))
                .isEqualTo(Files.readAllBytes(whole.resolve(tensors)));
        assertThat(Files.readAllLines(broken.resolve("metrics.jsonl"))).hasSize(8);
    }
}
