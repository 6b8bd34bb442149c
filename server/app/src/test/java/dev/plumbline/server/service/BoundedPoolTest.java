package dev.plumbline.server.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.runtime.Cancellation;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BoundedPoolTest {
    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger done = new AtomicInteger();
    private final BoundedPool pool = new BoundedPool("test", 1, 2);

    @AfterEach
    void stop() {
        release.countDown();
        pool.stop(Duration.ofSeconds(5));
    }

    @Test
    void refusesWhatFitsNoMoreAndTakesItWhenThereIsRoom() {
        Runnable waiting = done::incrementAndGet;
        pool.execute(this::hold);
        pool.execute(waiting);
        pool.execute(done::incrementAndGet);
        assertThatThrownBy(() -> pool.execute(done::incrementAndGet))
                .isInstanceOfSatisfying(
                        PlumblineException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
                            assertThat(e.reason()).isEqualTo("QUEUE_FULL");
                            assertThat(e.metadata()).containsEntry("retry_after_seconds", "1");
                        });
        pool.remove(waiting);
        pool.execute(done::incrementAndGet);
        release.countDown();
        pool.stop(Duration.ofSeconds(5));
        assertThat(done).hasValue(3);
        assertThatThrownBy(() -> pool.execute(waiting))
                .isInstanceOfSatisfying(
                        PlumblineException.class,
                        e -> assertThat(e.reason()).isEqualTo("SERVER_STOPPING"));
    }

    @Test
    void cancelsWhatHasNotEndedWhenItStops() throws InterruptedException {
        var underWay = new Cancellation();
        var waiting = new Cancellation();
        var begun = new CountDownLatch(1);
        pool.execute(
                () -> {
                    begun.countDown();
                    while (!underWay.isCancelled()) {
                        Thread.onSpinWait();
                    }
                    done.incrementAndGet();
                },
                underWay);
        pool.execute(
                () -> {
                    if (waiting.isCancelled()) {
                        done.incrementAndGet();
                    }
                },
                waiting);
        begun.await();
        pool.stop(Duration.ofMillis(1));
        assertThat(done).hasValue(2);
        assertThat(pool.isStopping()).isTrue();
    }

    private void hold() {
        try {
            release.await();
            done.incrementAndGet();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
