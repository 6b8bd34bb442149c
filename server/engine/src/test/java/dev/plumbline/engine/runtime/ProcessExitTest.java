package dev.plumbline.engine.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.engine.error.PlumblineException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProcessExitTest {
    private static final Duration SHORT = Duration.ofMillis(200);

    @Test
    void waitsForWorkThatHasBegun() throws InterruptedException {
        ProcessExit exit = new ProcessExit(Duration.ofSeconds(30));
        ProcessExit.Hold first = exit.enter();
        ProcessExit.Hold second = exit.enter();
        Thread end = Thread.ofPlatform().start(exit::await);
        first.close();
        assertThat(end.join(SHORT)).isFalse();
        second.close();
        assertThat(end.join(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void beginsNothingAfterwards() {
        ProcessExit exit = new ProcessExit(Duration.ofSeconds(30));
        exit.enter().close();
        exit.await();
        assertThatThrownBy(exit::enter)
                .isInstanceOf(PlumblineException.class)
                .hasMessageContaining("ending");
    }

    @Test
    void doesNotWaitForever() throws InterruptedException {
        ProcessExit exit = new ProcessExit(SHORT);
        try (var _ = exit.enter()) {
            Thread end = Thread.ofPlatform().start(exit::await);
            assertThat(end.join(Duration.ofSeconds(10))).isTrue();
        }
    }
}
