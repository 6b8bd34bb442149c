package dev.plumbline.server.service;

import dev.plumbline.server.config.PlumblineConfig;
import jakarta.inject.Singleton;
import java.time.Duration;

/** The server's threads, apart from the one that trains. */
@Singleton
public final class Pools {
    private static final int CONTROL_WORKERS = 16;
    private static final int CONTROL_QUEUE = 1024;

    private final BoundedPool inference;
    private final BoundedPool control = new BoundedPool("control", CONTROL_WORKERS, CONTROL_QUEUE);

    public Pools(PlumblineConfig config) {
        var settings = config.inference();
        this.inference = new BoundedPool("inference", settings.workers(), settings.queue());
    }

    /** For what computes. */
    public BoundedPool inference() {
        return inference;
    }

    /** For what reads, writes or waits. */
    public BoundedPool control() {
        return control;
    }

    void stop(Duration patience) {
        inference.stop(patience);
        control.stop(patience);
    }
}
