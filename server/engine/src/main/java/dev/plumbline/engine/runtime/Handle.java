package dev.plumbline.engine.runtime;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Owns one native object, and releases it once. */
final class Handle implements AutoCloseable {
    private final OrtApi api;
    private final OrtFunction release;
    private final MemorySegment pointer;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Takes over an object that ONNX Runtime has just made. */
    Handle(OrtApi api, OrtFunction release, MemorySegment pointer) {
        this.api = api;
        this.release = release;
        this.pointer = pointer;
        api.liveHandles().incrementAndGet();
    }

    /**
     * Makes an object.
     *
     * @param make calls the function that stores the new pointer where its argument says
     */
    static Handle make(OrtApi api, OrtFunction release, Consumer<MemorySegment> make) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            make.accept(out);
            return new Handle(api, release, out.get(ADDRESS, 0));
        }
    }

    MemorySegment pointer() {
        if (closed.get()) {
            throw new IllegalStateException("used after it was closed");
        }
        return pointer;
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            api.release(release, pointer);
            api.liveHandles().decrementAndGet();
        }
    }
}
