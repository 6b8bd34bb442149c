package dev.plumbline.server.service;

import dev.plumbline.engine.checkpoint.LoadProgress;
import java.time.Duration;
import org.jboss.logging.Logger;

/** Says every few seconds how far a first load is. */
final class LoadLog implements LoadProgress {
    private static final Logger LOG = Logger.getLogger(LoadLog.class);
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final String model;
    private long begun = System.nanoTime();
    private long said = begun;
    private Stage current = Stage.HASHING;

    /**
     * @param model its name
     */
    LoadLog(String model) {
        this.model = model;
    }

    @Override
    public synchronized void at(Stage stage, long done, long total) {
        long now = System.nanoTime();
        if (stage != current) {
            current = stage;
            begun = now;
        }
        if (now - said < PAUSE.toNanos()) {
            return;
        }
        said = now;
        LOG.infof(
                "%s %s: %.1f of %.1f GB, %.0f MB/s",
                stage == Stage.HASHING ? "Reading" : "Converting",
                model,
                done / 1e9,
                total / 1e9,
                done / 1e6 / Math.max(1e-3, (now - begun) / 1e9));
    }
}
