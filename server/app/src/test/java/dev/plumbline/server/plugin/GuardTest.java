package dev.plumbline.server.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.runtime.Cancellation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a plugin's code does, its caller gets an answer in time. */
class GuardTest {
    private final List<Thread> abandoned = new CopyOnWriteArrayList<>();
    private final Cancellation cancellation = new Cancellation();
    private final Guard guard =
            new Guard(
                    new Guard.Suspect("the plugin picky", Map.of("plugin_id", "picky")),
                    Duration.ofMillis(300),
                    cancellation,
                    null,
                    abandoned::add);

    @AfterEach
    void close() {
        guard.close();
    }

    @Test
    void givesWhatTheCodeGives() {
        assertThat(guard.call("open", () -> 7)).isEqualTo(7);
        assertThat(guard.<Object>call("open", () -> null)).isNull();
    }

    @Test
    void runsOnOneThreadThatEndsWithIt() throws Exception {
        Thread first = guard.call("open", Thread::currentThread);
        assertThat(guard.call("choose", Thread::currentThread)).isSameAs(first);
        assertThat(first.isDaemon()).isTrue();
        assertThat(first.getName()).contains("picky");
        guard.close();
        assertThat(first.join(Duration.ofSeconds(5))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                IllegalStateException.class,
                NoClassDefFoundError.class,
                StackOverflowError.class,
                OutOfMemoryError.class,
                ThreadDeath.class,
                InterruptedException.class
            })
    void whateverIsThrownComesOutWithoutItsClass(Class<? extends Throwable> type) throws Exception {
        Throwable thrown = type.getConstructor().newInstance();
        assertThatThrownBy(() ->
                        guard.call(
                                "open",
                                () -> {
                                    throw sneaky(thrown);
                                }))
                .isInstanceOf(Fault.class)
                .hasNoCause()
                .asString()
                .startsWith(type.getName() + " (at ")
                .contains("GuardTest");
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T sneaky(Throwable thrown) throws T {
        throw (T) thrown;
    }

    @Test
    void anExceptionThatCannotBeDescribedIsNamed() {
        class Nasty extends RuntimeException {
            @Override
            public String getMessage() {
                throw new IllegalStateException("no");
            }
        }
        assertThatThrownBy(() ->
                        guard.call(
                                "open",
                                () -> {
                                    throw new Nasty();
                                }))
                .isInstanceOf(Fault.class)
                .asString()
                .contains("Nasty");
    }

    @Test
    void aCancellationStaysOneHoweverItIsWrapped() {
        var cancelled = new PlumblineException(ErrorCode.CANCELLED, "CANCELLED", "c", Map.of());
        assertThatThrownBy(() ->
                        guard.call(
                                "open",
                                () -> {
                                    throw new IllegalStateException(cancelled);
                                }))
                .isSameAs(cancelled);
    }

    @Test
    void aHangIsGivenUpInterruptedAndNamed() throws Exception {
        var interrupted = new CountDownLatch(1);
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() ->
                        guard.call(
                                "open",
                                () -> {
                                    try {
                                        Thread.sleep(60_000);
                                    } catch (InterruptedException e) {
                                        interrupted.countDown();
                                    }
                                    return "";
                                }))
                .withMessageContainingAll("picky", "open", "0.3 s", "GuardTest")
                .satisfies(e -> {
                    assertThat(e.reason()).isEqualTo("PLUGIN_TIMEOUT");
                    assertThat(e.metadata()).containsEntry("plugin_id", "picky");
                });
        assertThat(interrupted.await(5, TimeUnit.SECONDS)).isTrue();
        assertThat(abandoned).hasSize(1);
        assertThat(abandoned.getFirst().getName()).contains("abandoned");
        assertThat(guard.isDead()).isTrue();
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> guard.call("choose", () -> ""))
                .satisfies(e -> assertThat(e.reason()).isEqualTo("PLUGIN_TIMEOUT"));
    }

    @Test
    void progressKeepsItAlive() {
        String result =
                guard.call(
                        "open",
                        () -> {
                            for (int i = 0; i < 10; i++) {
                                Thread.sleep(60);
                                guard.alive();
                            }
                            return "done";
                        });
        assertThat(result).isEqualTo("done");
    }

    @Test
    void whatNobodyWantsIsGivenUpAtOnceHoweverLongItMayWork() throws Exception {
        var patient =
                new Guard(
                        new Guard.Suspect("the plugin picky", Map.of()),
                        Duration.ofSeconds(60),
                        cancellation,
                        null,
                        abandoned::add);
        var begun = new CountDownLatch(1);
        Thread leaving =
                Thread.startVirtualThread(() -> {
                    assertThatCode(begun::await).doesNotThrowAnyException();
                    cancellation.cancel();
                });
        long start = System.nanoTime();
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() ->
                        patient.call(
                                "open",
                                () -> {
                                    begun.countDown();
                                    Thread.sleep(60_000);
                                    return "";
                                }))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
        assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(5));
        assertThat(leaving.join(Duration.ofSeconds(5))).isTrue();
        assertThat(abandoned).hasSize(1);
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(patient::alive)
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
        patient.close();
    }

    @Test
    void whatNoticesTheCancellationIsNotGivenUp() {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() ->
                        guard.call(
                                "open",
                                () -> {
                                    cancellation.cancel();
                                    Thread.sleep(100);
                                    cancellation.check();
                                    return "";
                                }))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
        assertThat(guard.isDead()).isFalse();
        assertThat(abandoned).isEmpty();
    }

    @Test
    void aCallerThatIsInterruptedIsCancelled() {
        Thread caller = Thread.currentThread();
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() ->
                        guard.call(
                                "open",
                                () -> {
                                    caller.interrupt();
                                    Thread.sleep(60_000);
                                    return "";
                                }))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
        assertThat(Thread.interrupted()).isTrue();
    }
}
