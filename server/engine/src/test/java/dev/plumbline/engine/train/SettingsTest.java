package dev.plumbline.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.train.BatchSettings.Order;
import dev.plumbline.engine.train.BatchSettings.Passes;
import dev.plumbline.engine.train.OptimizerSettings.Schedule;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class SettingsTest {
    private static double[] rates(double warmup, Schedule schedule, int steps) {
        OptimizerSettings settings = new OptimizerSettings(2, warmup, schedule, 1, 0);
        return IntStream.range(0, steps)
                .mapToDouble(i -> settings.learningRate(i, steps))
                .toArray();
    }

    @Test
    void warmUpThenHalfACosine() {
        double[] rates = rates(0.2, Schedule.COSINE, 10);
        assertThat(rates[0]).isEqualTo(1);
        assertThat(rates[1]).isEqualTo(2);
        for (int i = 2; i < 10; i++) {
            assertThat(rates[i]).isCloseTo(1 + Math.cos(Math.PI * (i - 2) / 8), within(1e-12));
        }
        assertThat(rates(0, Schedule.COSINE, 2))
                .containsExactly(new double[] {2, 1}, within(1e-12));
    }

    @Test
    void constantAfterTheWarmUp() {
        assertThat(rates(0, Schedule.CONSTANT, 3)).containsExactly(2, 2, 2);
        assertThat(rates(0.5, Schedule.CONSTANT, 4)).containsExactly(1, 2, 2, 2);
        assertThat(rates(1, Schedule.CONSTANT, 4)).containsExactly(0.5, 1, 1.5, 2);
        // So little that it is less than a step is one step still, which is at the full rate.
        assertThat(rates(0.01, Schedule.CONSTANT, 4)).containsExactly(2, 2, 2, 2);
    }

    private static BatchSettings batch(int size, int epochs, int most) {
        return new BatchSettings(size, epochs, most, Order.AS_IS, Passes.RECOMPUTE, 0);
    }

    @Test
    void aShortLastBatchIsAStepAndWhicheverEndsFirstEnds() {
        assertThat(batch(3, 1, 0).steps(7)).isEqualTo(3);
        assertThat(batch(3, 2, 0).steps(7)).isEqualTo(6);
        assertThat(batch(3, 2, 4).steps(7)).isEqualTo(4);
        assertThat(batch(3, 2, 9).steps(7)).isEqualTo(6);
        assertThat(batch(8, 1, 0).steps(7)).isEqualTo(1);
    }

    private static void refused(String field, ThrowingCallable work) {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(work)
                .withMessageContaining(field + " must be ")
                .satisfies(e -> {
                    assertThat(e.reason()).isEqualTo("OUT_OF_RANGE");
                    assertThat(e.field()).contains(field);
                });
    }

    private static OptimizerSettings optimizer(
            double rate, double warmup, double norm, double decay) {
        return new OptimizerSettings(rate, warmup, Schedule.COSINE, norm, decay);
    }

    private static LoraSettings lora(int rank, double alpha) {
        return new LoraSettings(Optional.empty(), rank, alpha, List.of());
    }

    @Test
    void whatIsOutOfRangeIsNamed() {
        for (double bad : List.of(-1.0, Double.NaN, Double.POSITIVE_INFINITY)) {
            refused("learning_rate", () -> optimizer(bad, 0, 1, 0));
            refused("warmup", () -> optimizer(1, bad, 1, 0));
            refused("max_grad_norm", () -> optimizer(1, 0, bad, 0));
            refused("weight_decay", () -> optimizer(1, 0, 1, bad));
            refused("alpha", () -> lora(4, bad));
        }
        refused("learning_rate", () -> optimizer(0, 0, 1, 0));
        refused("warmup", () -> optimizer(1, 1.01, 1, 0));
        refused("alpha", () -> lora(4, 0));
        refused("rank", () -> lora(0, 8));
        refused("rank", () -> lora(4097, 8));
        refused("batch_size", () -> batch(0, 1, 0));
        refused("epochs", () -> batch(1, 0, 0));
        refused("max_steps", () -> batch(1, 1, -1));
        refused("micro_batch", () -> new BatchSettings(1, 1, 0, Order.AS_IS, Passes.RECOMPUTE, -1));
    }
}
