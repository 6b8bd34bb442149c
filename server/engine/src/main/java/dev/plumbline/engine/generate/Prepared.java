package dev.plumbline.engine.generate;

/** A request whose pictures have been looked at; it counts as under way until it is closed. */
public final class Prepared implements AutoCloseable {
    private final Sequence.Asked asked;
    private final Runnable release;
    private boolean released;

    Prepared(Sequence.Asked asked, Runnable release) {
        this.asked = asked;
        this.release = release;
    }

    Sequence.Asked asked() {
        return asked;
    }

    /** Lets another request in; further calls do nothing. */
    @Override
    public synchronized void close() {
        if (!released) {
            released = true;
            release.run();
        }
    }
}
