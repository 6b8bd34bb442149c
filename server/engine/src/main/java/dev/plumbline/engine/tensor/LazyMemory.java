package dev.plumbline.engine.tensor;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Optional;

/**
 * Zeroed memory that takes room only where it was written to, for tensors that are made for the
 * worst case and seldom filled. It does not count against {@code -XX:MaxDirectMemorySize} and goes
 * when it is closed, not when it is collected.
 *
 * <p>Where the system offers no such memory (only Linux's is used), all of it is taken at once.
 */
public final class LazyMemory implements AutoCloseable {
    private final MemorySegment segment;
    private final Arena arena;
    private final Optional<SystemPages> pages;

    private LazyMemory(MemorySegment segment, Arena arena, Optional<SystemPages> pages) {
        this.segment = segment;
        this.arena = arena;
        this.pages = pages;
    }

    /**
     * @throws PlumblineException {@code MEMORY_INSUFFICIENT} where the system refuses
     */
    @SuppressWarnings("MustBeClosedChecker") // The object made here closes it.
    public static LazyMemory allocate(long bytes) {
        Optional<SystemPages> pages = SystemPages.find();
        Arena arena = Arena.ofShared();
        try {
            MemorySegment segment =
                    pages.isPresent()
                            ? pages.get().map(bytes, arena)
                            : arena.allocate(bytes, Tensor.ALIGNMENT);
            return new LazyMemory(segment, arena, pages);
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    /** Whether memory that is not written to takes no room here. */
    public static boolean isLazy() {
        return SystemPages.find().isPresent();
    }

    static PlumblineException insufficient(long bytes) {
        return new PlumblineException(
                ErrorCode.RESOURCE_EXHAUSTED,
                "MEMORY_INSUFFICIENT",
                "the system gives no %d bytes of memory: unload a model, or allow fewer slots"
                        .formatted(bytes),
                Map.of("needed_bytes", Long.toString(bytes)));
    }

    /** Bytes that a tensor takes here, its alignment included. */
    public static long aligned(long bytes) {
        return Math.ceilDiv(bytes, Tensor.ALIGNMENT) * Tensor.ALIGNMENT;
    }

    /** A tensor over a part of the memory, to be used only until this is closed. */
    public Tensor tensor(DType dtype, Shape shape, long offset) {
        long bytes = Math.multiplyExact(shape.elements(), dtype.bytes());
        return Tensor.view(dtype, shape, segment.asSlice(offset, bytes));
    }

    public long byteSize() {
        return segment.byteSize();
    }

    /**
     * Gives back what a tensor over this memory holds, whole pages only; its elements are anything
     * from then on. Does nothing where memory was taken at once.
     */
    public void discard(Tensor tensor) {
        pages.ifPresent(system -> system.discard(tensor.segment()));
    }

    /**
     * Gives all of it back; no tensor over it may be used from then on, nor a binding of one.
     * Calling it again changes nothing.
     */
    @Override
    public void close() {
        if (segment.scope().isAlive()) {
            arena.close();
        }
    }
}
