package dev.plumbline.server.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;

/** What should be garbage. */
public final class Garbage {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private Garbage() {}

    /** Waits until the collector has taken all of them. */
    public static void assertCollected(List<? extends WeakReference<?>> references)
            throws InterruptedException {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (alive(references) > 0 && System.nanoTime() < until) {
            System.gc();
            Thread.sleep(100);
        }
        assertThat(alive(references)).as("left of %d", references.size()).isZero();
    }

    private static long alive(List<? extends WeakReference<?>> references) {
        return references.stream().filter(reference -> reference.get() != null).count();
    }
}
