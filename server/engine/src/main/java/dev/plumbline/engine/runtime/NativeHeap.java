package dev.plumbline.engine.runtime;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** The C library's heap, in which ONNX Runtime keeps packed weights and activations. */
final class NativeHeap {
    private static final Optional<MethodHandle> TRIM =
            Linker.nativeLinker()
                    .defaultLookup()
                    .find("malloc_trim")
                    .map(address ->
                            Linker.nativeLinker()
                                    .downcallHandle(
                                            address,
                                            FunctionDescriptor.of(
                                                    ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG)));

    private NativeHeap() {}

    /**
     * Gives what was freed back to the system. glibc keeps it otherwise, hundreds of megabytes
     * after a model is unloaded; other C libraries have no such function and need none.
     */
    static void trim() {
        if (TRIM.isPresent()) {
            try {
                int unused = (int) TRIM.get().invokeExact(0L);
            } catch (Throwable e) {
                throw OrtApi.unexpected(e);
            }
        }
    }
}
