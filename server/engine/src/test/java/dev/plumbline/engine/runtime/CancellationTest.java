package dev.plumbline.engine.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class CancellationTest extends RuntimeHarness {
    private static final List<String> Y = List.of("y");
    private static final Tensor X = Tensor.of(Shape.of(2), 1f, 2f);

    /** Hours of work. */
    private static final Map<String, Tensor> LONG =
            Map.of("count", Tensor.of(Shape.of(), 1_000_000_000_000L), "x", X);

    private static final Map<String, Tensor> SHORT =
            Map.of("count", Tensor.of(Shape.of(), 3L), "x", X);

    @Test
    void endsARunUnderWay() throws InterruptedException {
        try (Session session = load(TestGraphs.loop())) {
            Cancellation cancellation = new Cancellation();
            Thread canceller = cancelSoon(cancellation);
            Instant start = Instant.now();
            assertCancelled(() -> session.run(LONG, Y, cancellation));
            assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(20));
            canceller.join();
            // Others are not concerned.
            try (Results results = session.run(SHORT, Y, new Cancellation())) {
                assertThat(results.get("y").getFloat(0))
                        .isCloseTo((float) Math.cos(Math.cos(Math.cos(1))), within(1e-6f));
            }
        }
    }

    @Test
    void leavesABindingUsable() throws InterruptedException {
        try (Session session = load(TestGraphs.loop());
                Binding binding = session.bind()) {
            LONG.forEach(binding::input);
            Cancellation cancellation = new Cancellation();
            Thread canceller = cancelSoon(cancellation);
            assertCancelled(() -> binding.output("y").run(cancellation));
            canceller.join();
            SHORT.forEach(binding::input);
            for (int i = 0; i < 3; i++) {
                binding.run(new Cancellation());
                assertThat(binding.get("y").getFloat(1))
                        .isCloseTo((float) Math.cos(Math.cos(Math.cos(2))), within(1e-6f));
            }
        }
    }

    @Test
    void startsNothingOnceCancelled() {
        Cancellation cancellation = new Cancellation();
        assertThat(cancellation.isCancelled()).isFalse();
        cancellation.check();
        cancellation.cancel();
        cancellation.cancel();
        assertThat(cancellation.isCancelled()).isTrue();
        assertCancelled(cancellation::check);
        try (Session session = load(TestGraphs.loop())) {
            assertCancelled(() -> session.run(LONG, Y, cancellation));
        }
    }

    @Test
    void survivesCancelsThatRaceWithTheEnd() throws InterruptedException {
        try (Session session = load(TestGraphs.loop());
                Binding binding = session.bind()) {
            SHORT.forEach(binding::input);
            binding.output("y");
            for (int i = 0; i < 1000; i++) {
                Cancellation cancellation = new Cancellation();
                Thread canceller = Thread.ofVirtual().start(cancellation::cancel);
                try (Results results = session.run(SHORT, Y, cancellation)) {
                    binding.run(cancellation);
                    assertThat(results.get("y").getFloat(0)).isPositive();
                } catch (PlumblineException e) {
                    assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED);
                }
                canceller.join();
            }
        }
    }

    @Test
    void cannotBeAskedOfAll() {
        assertThatThrownBy(() -> Cancellation.none().cancel())
                .isInstanceOf(IllegalStateException.class);
        assertThat(Cancellation.none().isCancelled()).isFalse();
    }

    private static Thread cancelSoon(Cancellation cancellation) {
        return Thread.ofPlatform()
                .start(() -> {
                    try {
                        Thread.sleep(200);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    cancellation.cancel();
                });
    }

    private static void assertCancelled(ThrowingCallable run) {
        assertThatThrownBy(run)
                .isInstanceOfSatisfying(
                        PlumblineException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED);
                            assertThat(e.reason()).isEqualTo("CANCELLED");
                        });
    }
}
