package dev.plumbline.server.service;

import dev.plumbline.engine.model.ClipModel;

/** A CLIP model that stays loaded for as long as the lease is held. */
public final class ClipLease implements AutoCloseable {
    private final ServedClip served;
    private final Runnable release;
    private boolean released;

    ClipLease(ServedClip served, Runnable release) {
        this.served = served;
        this.release = release;
    }

    public ServedClip served() {
        return served;
    }

    public ClipModel model() {
        return served.model();
    }

    @Override
    public synchronized void close() {
        if (!released) {
            released = true;
            release.run();
        }
    }
}
