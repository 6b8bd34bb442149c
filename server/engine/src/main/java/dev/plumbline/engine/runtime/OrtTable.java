package dev.plumbline.engine.runtime;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Map;

/**
 * The function table of ONNX Runtime's C API: a row of pointers, only ever appended to.
 *
 * @param version the library's own version, such as {@code 1.29.0}
 */
record OrtTable(MemorySegment pointers, String version) {
    /** The version whose slots we know. */
    static final int API_VERSION = 29;

    private static final int SLOTS = 425;
    private static final int LONGEST_VERSION = 64;
    private static final Linker LINKER = Linker.nativeLinker();

    /**
     * Opens a library for the life of the process.
     *
     * @throws PlumblineException {@code ONNX_RUNTIME_UNUSABLE} if it is not ONNX Runtime, or one
     *     that is too old
     */
    static OrtTable open(Path library) {
        MemorySegment entry = entryPoint(library);
        try {
            MethodHandle getBase = LINKER.downcallHandle(entry, FunctionDescriptor.of(ADDRESS));
            MemorySegment base =
                    ((MemorySegment) getBase.invokeExact()).reinterpret(2 * ADDRESS.byteSize());
            MethodHandle getVersion =
                    LINKER.downcallHandle(
                            base.getAtIndex(ADDRESS, 1), FunctionDescriptor.of(ADDRESS));
            MemorySegment text = (MemorySegment) getVersion.invokeExact();
            String version = text.reinterpret(LONGEST_VERSION).getString(0);
            MethodHandle getApi =
                    LINKER.downcallHandle(
                            base.getAtIndex(ADDRESS, 0), FunctionDescriptor.of(ADDRESS, JAVA_INT));
            MemorySegment table = (MemorySegment) getApi.invokeExact(API_VERSION);
            if (table.address() == 0) {
                throw unusable(library, "it is version " + version);
            }
            return new OrtTable(table.reinterpret(SLOTS * ADDRESS.byteSize()), version);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("ONNX Runtime did not answer", e);
        }
    }

    /** The pointer in a slot. */
    MemorySegment function(int slot) {
        return pointers.getAtIndex(ADDRESS, slot);
    }

    static PlumblineException unusable(Path library, String why) {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "ONNX_RUNTIME_UNUSABLE",
                "%s cannot be used as ONNX Runtime: %s; give the libonnxruntime of version 1.%d or newer"
                        .formatted(library, why, API_VERSION),
                Map.of("library", library.toString(), "why", why));
    }

    private static MemorySegment entryPoint(Path library) {
        try {
            return SymbolLookup.libraryLookup(library, Arena.global())
                    .find("OrtGetApiBase")
                    .orElseThrow(() -> unusable(library, "it has no function OrtGetApiBase"));
        } catch (IllegalArgumentException e) {
            throw unusable(library, "it cannot be loaded as a library").causedBy(e);
        }
    }
}
