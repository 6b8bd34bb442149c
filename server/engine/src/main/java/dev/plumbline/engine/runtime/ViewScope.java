package dev.plumbline.engine.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * How long views of ONNX Runtime's memory may be used. Using one later, or from another thread,
 * throws instead of reading freed memory. (A scope for all threads would cost tens of microseconds
 * to close.)
 */
final class ViewScope {
    private final Arena arena = Arena.ofConfined();
    private final Thread owner = Thread.currentThread();

    /** The memory at an address, as long as this scope is open. */
    MemorySegment limit(MemorySegment address, long bytes) {
        return address.reinterpret(bytes, arena, null);
    }

    void close() {
        // Only its owner may close an arena. It holds no memory, so that dropping it leaks nothing.
        if (Thread.currentThread() == owner) {
            arena.close();
        }
    }
}
