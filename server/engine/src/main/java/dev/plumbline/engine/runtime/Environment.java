package dev.plumbline.engine.runtime;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** What all sessions share: the threads, main memory, the default allocator. */
final class Environment {
    private static final int ARENA_ALLOCATOR = 1;
    private static final int DEFAULT_MEMORY = 0;

    private final OrtApi api;
    private final Path externalFolder;
    private final Handle threads;
    private final Handle mainMemory;

    /** ONNX Runtime's own, never released. */
    private final MemorySegment allocator;

    private final References references = new References("runtime", this::release);

    /**
     * @param externalFolder from {@link ExternalWeights#folder}
     */
    Environment(OrtApi api, int threads, Path externalFolder) {
        this.api = api;
        this.externalFolder = externalFolder;
        this.threads = ThreadPool.start(api, threads);
        try {
            allocator = defaultAllocator(api);
            mainMemory = describeMainMemory(api);
        } catch (RuntimeException | Error e) {
            ThreadPool.stop(this.threads);
            throw e;
        }
    }

    OrtApi api() {
        return api;
    }

    MemorySegment pointer() {
        return threads.pointer();
    }

    MemorySegment mainMemory() {
        return mainMemory.pointer();
    }

    MemorySegment allocator() {
        return allocator;
    }

    Path externalFolder() {
        return externalFolder;
    }

    /** The runtime itself, each session and each set of weights. */
    References references() {
        return references;
    }

    private void release() {
        mainMemory.close();
        ThreadPool.stop(threads);
    }

    private static MemorySegment defaultAllocator(OrtApi api) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            api.call(OrtFunction.GET_ALLOCATOR_WITH_DEFAULT_OPTIONS, out);
            return out.get(ADDRESS, 0);
        }
    }

    private static Handle describeMainMemory(OrtApi api) {
        return Handle.make(
                api,
                OrtFunction.RELEASE_MEMORY_INFO,
                out ->
                        api.call(
                                OrtFunction.CREATE_CPU_MEMORY_INFO,
                                ARENA_ALLOCATOR,
                                DEFAULT_MEMORY,
                                out));
    }
}
