package dev.plumbline.engine.tensor;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import java.util.Optional;

/** Linux's pages: mapped without being reserved, given back without being unmapped. */
final class SystemPages {
    private static final int READ_AND_WRITE = 1 | 2;

    /** Private, anonymous, and not counted before it is used. */
    private static final int LAZY = 0x2 | 0x20 | 0x4000;

    private static final int DONT_NEED = 4;
    private static final Optional<SystemPages> LINUX = linux();

    private final MethodHandle map;
    private final MethodHandle unmap;
    private final MethodHandle advise;
    private final long pageSize;

    private SystemPages(Linker linker) throws Throwable {
        FunctionDescriptor ofMap =
                FunctionDescriptor.of(
                        ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
        FunctionDescriptor ofUnmap = FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG);
        FunctionDescriptor ofAdvise = FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
        map = handle(linker, "mmap", ofMap);
        unmap = handle(linker, "munmap", ofUnmap);
        advise = handle(linker, "madvise", ofAdvise);
        pageSize = (int) handle(linker, "getpagesize", FunctionDescriptor.of(JAVA_INT)).invoke();
    }

    static Optional<SystemPages> find() {
        return LINUX;
    }

    private static Optional<SystemPages> linux() {
        if (!System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux")) {
            return Optional.empty();
        }
        try {
            return Optional.of(new SystemPages(Linker.nativeLinker()));
        } catch (Throwable e) {
            // A C library without one of them: memory is then taken the usual way.
            return Optional.empty();
        }
    }

    private static MethodHandle handle(Linker linker, String name, FunctionDescriptor type) {
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
    }

    MemorySegment map(long bytes, Arena arena) {
        MemorySegment address;
        try {
            address =
                    (MemorySegment)
                            map.invoke(MemorySegment.NULL, bytes, READ_AND_WRITE, LAZY, -1, 0L);
        } catch (Throwable e) {
            throw unexpected(e);
        }
        if (address.address() == -1) {
            throw LazyMemory.insufficient(bytes);
        }
        return address.reinterpret(bytes, arena, whole -> unmap(whole, bytes));
    }

    private void unmap(MemorySegment address, long bytes) {
        try {
            int failed = (int) unmap.invoke(address, bytes);
            if (failed != 0) {
                throw new IllegalStateException("munmap refused its own mapping");
            }
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    void discard(MemorySegment part) {
        long first = Math.ceilDiv(part.address(), pageSize) * pageSize;
        long end = Math.floorDiv(part.address() + part.byteSize(), pageSize) * pageSize;
        if (first >= end) {
            return;
        }
        try {
            MemorySegment pages = part.asSlice(first - part.address(), end - first);
            int failed = (int) advise.invoke(pages, end - first, DONT_NEED);
            if (failed != 0) {
                throw new IllegalStateException("madvise refused our own pages");
            }
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private static RuntimeException unexpected(Throwable e) {
        return switch (e) {
            case RuntimeException failure -> failure;
            case Error error -> throw error;
            default -> new IllegalStateException(e);
        };
    }
}
