package dev.plumbline.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.expr.RowLogps;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.train.BatchSettings.Order;
import dev.plumbline.engine.train.BatchSettings.Passes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A loop over the parts of a run. */
class TrainingSessionTest {
    private static final String ADAPTER = "adapter_model.safetensors";
    private static final Cancellation NEVER = Cancellation.none();
    private static final int STEPS = 4;

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

    private static TrainingSpec spec(Passes passes, String loss) {
        TrainingSpec usual = TrainingFixture.spec(loss);
        return new TrainingSpec(
                usual.loss(),
                new LoraSettings(Optional.empty(), 2, 4, List.of()),
                usual.optimizer(),
                new BatchSettings(2, 2, STEPS, Order.AS_IS, passes, 0),
                7);
    }

    private static TrainingSession open(TrainingSpec spec) {
        List<PreferenceExample> rows = fixture.rows;
        Plan plan = fixture.trainer().plan(spec, rows);
        return TrainingSession.open(
                fixture.model(), Losses.SHIPPED, spec, plan, rows, Optional.empty());
    }

    /** The rows of a step of two, as they are. */
    private static List<Integer> batch(int step, int rows) {
        int perEpoch = Math.ceilDiv(rows, 2);
        int start = step % perEpoch * 2;
        return IntStream.range(start, Math.min(rows, start + 2)).boxed().toList();
    }

    private static void steps(TrainingSession session, TrainingSpec spec, int from, int to) {
        int steps = spec.batch().steps(session.rows());
        for (int step = from; step < to; step++) {
            List<Integer> batch = batch(step, session.rows());
            session.forwardBackward(batch, batch.size(), NEVER);
            session.optimStep(spec.optimizer().learningRate(step, steps), session.maxGradNorm());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"RECOMPUTE", "UNIT_WEIGHT"})
    void aLoopEndsWithTheBytesOfTheRun(Passes passes) {
        TrainingSpec spec = spec(passes, "plackett-luce + 1.0 * dpo");
        List<StepMetrics> run = fixture.run(spec, folder.resolve("run"));
        try (TrainingSession session = open(spec)) {
            for (StepMetrics step : run) {
                List<Integer> batch = batch(step.step() - 1, session.rows());
                var pass = session.forwardBackward(batch, batch.size(), NEVER);
                assertThat(pass.loss()).isEqualTo(step.loss());
                var update = session.optimStep(step.learningRate(), session.maxGradNorm());
                assertThat(update)
                        .isEqualTo(new TrainingSession.Update(step.step(), step.gradNorm(), true));
            }
            session.save(folder.resolve("loop"));
        }
        assertThat(folder.resolve("loop").resolve(ADAPTER))
                .hasSameBinaryContentAs(folder.resolve("run").resolve(ADAPTER));
    }

    @Test
    void aLoopThatIsTakenUpAgainEndsWithTheSameBytes() {
        TrainingSpec spec = spec(Passes.RECOMPUTE, "dpo");
        fixture.run(spec, folder.resolve("run"));
        try (TrainingSession first = open(spec)) {
            steps(first, spec, 0, 2);
            first.save(folder.resolve("half"));
        }
        try (TrainingSession second = open(spec)) {
            steps(second, spec, 0, 1);
            second.load(folder.resolve("half"));
            assertThat(second.steps()).isEqualTo(2);
            steps(second, spec, 2, STEPS);
            second.save(folder.resolve("loop"));
        }
        assertThat(folder.resolve("loop").resolve(ADAPTER))
                .hasSameBinaryContentAs(folder.resolve("run").resolve(ADAPTER));
    }

    @Test
    void derivativesOfTheCallersLossMoveAsTheLossItself() {
        TrainingSpec spec = spec(Passes.RECOMPUTE, "dpo");
        List<Integer> batch = List.of(0, 1);
        try (TrainingSession own = open(spec);
                TrainingSession theirs = open(spec)) {
            double beta = 0.5; // The default of the loss.
            List<double[]> derivatives = new ArrayList<>();
            for (RowLogps row : own.logProbabilities(batch, NEVER)) {
                double chosen = row.policy().chosen() - row.reference().chosen();
                double rejected = row.policy().rejected() - row.reference().rejected();
                double slope = -beta / (1 + Math.exp(beta * (chosen - rejected))) / batch.size();
                derivatives.add(new double[] {slope, -slope});
            }
            own.backward(batch, derivatives, NEVER);
            theirs.forwardBackward(batch, batch.size(), NEVER);
            double norm = theirs.optimStep(1e-2, 0).gradNorm();
            assertThat(own.optimStep(1e-2, 0).gradNorm() / norm).isBetween(1 - 1e-6, 1 + 1e-6);
        }
    }

    @Test
    void whatCannotBeDoneIsRefusedAndAddsNothing() {
        try (TrainingSession session = open(spec(Passes.RECOMPUTE, "dpo"))) {
            refused("NO_GRADIENTS", () -> session.optimStep(1e-3, 1));
            refused("ROW_OUT_OF_RANGE", () -> session.forwardBackward(List.of(0, 99), 2, NEVER));
            refused("ROW_OUT_OF_RANGE", () -> session.forwardBackward(List.of(-1), 1, NEVER));
            refused("FIELD_MISSING", () -> session.forwardBackward(List.of(), 0, NEVER));
            refused("OUT_OF_RANGE", () -> session.forwardBackward(List.of(0, 1), 1, NEVER));
            List<double[]> tooMany = List.of(new double[] {1, 2, 3});
            refused("DERIVATIVES_MISMATCH", () -> session.backward(List.of(0), tooMany, NEVER));
            List<double[]> one = List.of(new double[] {1, 2});
            refused("DERIVATIVES_MISMATCH", () -> session.backward(List.of(0, 1), one, NEVER));
            List<double[]> none = List.of(new double[] {1, Double.NaN});
            refused("DERIVATIVE_NOT_FINITE", () -> session.backward(List.of(0), none, NEVER));
            refused("NO_GRADIENTS", () -> session.optimStep(1e-3, 1));
            session.forwardBackward(List.of(0), 1, NEVER);
            refused("OUT_OF_RANGE", () -> session.optimStep(Double.NaN, 1));
            assertThat(session.optimStep(1e-3, 1).step()).isEqualTo(1);
            session.save(folder);
        }
        TrainingSpec other = TrainingFixture.spec("dpo", Map.of(), TrainingFixture.lora(), 8);
        try (TrainingSession session = open(other)) {
            refused("STATE_MISMATCH", () -> session.load(folder));
        }
    }

    private static void refused(String reason, ThrowingCallable call) {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }
}
