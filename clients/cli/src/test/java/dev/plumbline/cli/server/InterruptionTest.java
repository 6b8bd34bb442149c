package dev.plumbline.cli.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InterruptionTest {
    private final List<String> calledOff = new ArrayList<>();
    private final Interruption interruption = new Interruption(new Thread());

    @Test
    void callsOffTheNewestFirstAndWaitsForTheEnd() throws InterruptedException {
        var _ = interruption.onInterrupt(() -> calledOff.add("older"));
        var _ = interruption.onInterrupt(() -> calledOff.add("newer"));
        Thread hook = Thread.ofPlatform().start(interruption::interrupt);
        hook.join(200);
        assertThat(hook.isAlive()).isTrue();
        interruption.end();
        hook.join();
        assertThat(calledOff).containsExactly("newer", "older");
        assertThat(interruption.interrupted()).isTrue();
    }

    @Test
    void whatIsDoneIsNotCalledOff() throws InterruptedException {
        interruption.onInterrupt(() -> calledOff.add("done")).close();
        Thread hook = Thread.ofPlatform().start(interruption::interrupt);
        interruption.end();
        hook.join();
        assertThat(calledOff).isEmpty();
    }

    @Test
    void nothingHappensAfterTheEnd() {
        var _ = interruption.onInterrupt(() -> calledOff.add("late"));
        interruption.end();
        interruption.interrupt();
        assertThat(calledOff).isEmpty();
        assertThat(interruption.interrupted()).isFalse();
    }
}
