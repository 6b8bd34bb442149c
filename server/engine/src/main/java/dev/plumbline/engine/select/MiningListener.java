package dev.plumbline.engine.select;

import dev.plumbline.engine.runtime.Cancellation;

/** Hears how far a mining is, and says when it is no longer wanted. */
public interface MiningListener {
    /** Nobody listens. */
    MiningListener NONE = (phase, done, total) -> {};

    /**
     * @param total 0 where it is not known
     */
    void progress(String phase, long done, long total);

    default Cancellation cancellation() {
        return Cancellation.none();
    }
}
