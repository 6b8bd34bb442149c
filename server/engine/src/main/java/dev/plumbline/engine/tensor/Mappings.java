package dev.plumbline.engine.tensor;

import java.lang.foreign.Arena;

/** How long mapped files stay mapped: until this is closed, or while something refers to them. */
public final class Mappings implements AutoCloseable {
    private final Arena arena;
    private final boolean closeable;

    private Mappings(Arena arena, boolean closeable) {
        this.arena = arena;
        this.closeable = closeable;
    }

    /** Until closed; whoever reads a tensor in them later gets an exception. */
    @SuppressWarnings("MustBeClosedChecker") // The object made here closes it.
    public static Mappings closeable() {
        return new Mappings(Arena.ofShared(), true);
    }

    /** While something refers to them; closing changes nothing. */
    public static Mappings automatic() {
        return new Mappings(Arena.ofAuto(), false);
    }

    Arena arena() {
        return arena;
    }

    /** Calling it again changes nothing. */
    @Override
    public void close() {
        if (closeable && arena.scope().isAlive()) {
            arena.close();
        }
    }
}
