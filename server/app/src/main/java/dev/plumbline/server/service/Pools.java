package dev.plumbline.server.service;

import dev.plumbline.server.config.PlumblineConfig;
import jakarta.inject.Singleton;
import java.time.Duration;

/** The server's threads, apart from the one that trains. */
@Singleton
public final class Pools {
    private static final int CONTROL_WORKERS = 16;
    private static final int CONTROL_QUEUE = 1024;

    /** Models refuse what is too much long before this. */
    private static final int MOST_ANSWERS = 100_000;

    /** Clients that wait for the end of an operation. */
    private static final int MOST_WAITERS = 10_000;

    private final BoundedPool inference;
    private final BoundedPool preparation;
    private final BoundedPool generation = BoundedPool.ofWaiting("generation", MOST_ANSWERS, 1);
    private final BoundedPool waiting = BoundedPool.ofWaiting("waiting", MOST_WAITERS, 1);
    private final BoundedPool control = new BoundedPool("control", CONTROL_WORKERS, CONTROL_QUEUE);

    public Pools(PlumblineConfig config) {
        var settings = config.inference();
        this.inference = new BoundedPool("inference", settings.workers(), settings.queue());
        this.preparation =
                new BoundedPool(
                        "preparation", settings.workers(), settings.slots() + settings.queue());
    }

    /** For calls that wait for an answer which the models' own threads compute. */
    public BoundedPool generation() {
        return generation;
    }

    /** For what such a call computes itself, before it waits. */
    BoundedPool preparation() {
        return preparation;
    }

    /** For what computes. */
    public BoundedPool inference() {
        return inference;
    }

    /** For what reads, writes or waits. */
    public BoundedPool control() {
        return control;
    }

    /** For calls that wait for work that goes on elsewhere. */
    public BoundedPool waiting() {
        return waiting;
    }

    void stop(Duration patience) {
        waiting.stop(Duration.ZERO);
        generation.stop(patience);
        preparation.stop(patience);
        inference.stop(patience);
        control.stop(patience);
    }
}
