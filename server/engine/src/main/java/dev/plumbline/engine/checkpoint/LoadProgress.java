package dev.plumbline.engine.checkpoint;

/** Hears how far the work is that a first load has to do; called from several threads. */
@FunctionalInterface
public interface LoadProgress {
    /** Nobody listens. */
    LoadProgress NONE = (stage, done, total) -> {};

    /** What is being done. */
    enum Stage {
        /** The weights are read to tell whether they are known. */
        HASHING,
        /** The weights are brought to the precision in which they are served. */
        CONVERTING
    }

    /**
     * @param done bytes of the checkpoint
     * @param total bytes of the checkpoint that this stage reads
     */
    void at(Stage stage, long done, long total);
}
