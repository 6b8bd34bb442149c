package dev.plumbline.engine.select;

import dev.plumbline.engine.runtime.Cancellation;

/** Hears how far the making of a pool is, and says when it is no longer wanted. */
public interface PoolListener {
    /** Nobody listens. */
    PoolListener NONE = progress -> {};

    void progress(Progress progress);

    default Cancellation cancellation() {
        return Cancellation.none();
    }

    /**
     * How far it is.
     *
     * @param phase "reading" or "embedding"
     * @param done of {@code total} pictures
     * @param embedded pictures embedded by this process so far, of which the rate is
     * @param skipped files that could not be used so far
     */
    record Progress(String phase, long done, long total, long embedded, int skipped) {}
}
