package dev.plumbline.eval.runner;

/** Told how far an evaluation is; always by the thread that runs it. */
@FunctionalInterface
public interface Progress {
    /** Tells nobody. */
    Progress NONE = (done, total) -> {};

    void advanced(long done, long total);
}
