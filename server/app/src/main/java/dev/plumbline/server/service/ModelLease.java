package dev.plumbline.server.service;

/** A model that stays loaded for as long as the lease is held. */
public final class ModelLease implements AutoCloseable {
    private final ServedModel served;
    private final Runnable release;
    private boolean released;

    ModelLease(ServedModel served, Runnable release) {
        this.served = served;
        this.release = release;
    }

    public ServedModel served() {
        return served;
    }

    @Override
    public synchronized void close() {
        if (!released) {
            released = true;
            release.run();
        }
    }
}
