package dev.plumbline.server.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class UsageTest {
    private final AtomicInteger closed = new AtomicInteger();
    private final Usage usage = new Usage(closed::incrementAndGet);

    @Test
    void closesAtOnceWhereNobodyIs() {
        assertThat(usage.retire()).isCompleted();
        assertThat(usage.enter()).isFalse();
        assertThat(closed).hasValue(1);
    }

    @Test
    void waitsForTheLast() {
        assertThat(usage.enter()).isTrue();
        assertThat(usage.enter()).isTrue();
        CompletableFuture<Void> end = usage.retire();
        assertThat(usage.enter()).isFalse();
        usage.leave();
        assertThat(end).isNotCompleted();
        assertThat(closed).hasValue(0);
        usage.leave();
        assertThat(end).isCompleted();
        assertThat(closed).hasValue(1);
        assertThat(usage.retire()).isCompleted();
        assertThat(closed).hasValue(1);
    }

    @Test
    void nobodyUsesWhatIsClosed() throws InterruptedException {
        var begin = new CountDownLatch(1);
        var wrong = new AtomicInteger();
        Runnable user =
                () -> {
                    while (usage.enter()) {
                        wrong.addAndGet(closed.get());
                        usage.leave();
                    }
                };
        Thread first = Thread.ofPlatform().start(user);
        Thread second = Thread.ofPlatform().start(user);
        begin.countDown();
        Thread.sleep(50);
        usage.retire().join();
        first.join();
        second.join();
        assertThat(wrong).hasValue(0);
        assertThat(closed).hasValue(1);
    }
}
