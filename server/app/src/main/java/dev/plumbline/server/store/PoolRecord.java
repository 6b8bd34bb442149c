package dev.plumbline.server.store;

import dev.plumbline.engine.select.PoolFile;

/** A whole pool. */
public record PoolRecord(PoolOrigin origin, PoolFile.Facts facts) {
    public String name() {
        return "pools/" + origin.id();
    }
}
