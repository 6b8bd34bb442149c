package dev.plumbline.engine.runtime;

import java.lang.foreign.Arena;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * The threads that all sessions share. ONNX Runtime has one set for a process, and would silently
 * ignore the number that a second opener asks for.
 */
final class ThreadPool {
    private static final int LOG_WARNING = 2;

    /** Off: idle threads that spin take the cores from everything else on the machine. */
    private static final int SPINNING = 0;

    /** Reserved, and committed only as far as it is used. */
    private static final long STACK_BYTES = 512L << 20;

    private static int users;
    private static int size;

    private ThreadPool() {}

    /** Starts the threads, or shares those that run already. */
    static synchronized Handle start(OrtApi api, int threads) {
        if (users > 0 && size != threads) {
            throw new IllegalStateException(
                    "ONNX Runtime runs with %d threads in this process: it cannot have %d as well"
                            .formatted(size, threads));
        }
        Handle environment = onDeepStack(() -> create(api, threads));
        size = threads;
        users++;
        return environment;
    }

    static synchronized void stop(Handle environment) {
        environment.close();
        users--;
    }

    /**
     * ONNX Runtime 1.29 matches the command line of the process with a recursive regular
     * expression: some thousand characters, such as a class path, overflow a stack of usual size
     * and end the process without a word.
     */
    private static Handle onDeepStack(Supplier<Handle> work) {
        CompletableFuture<Handle> made = new CompletableFuture<>();
        Thread thread =
                new Thread(
                        null,
                        () -> {
                            try {
                                made.complete(work.get());
                            } catch (RuntimeException | Error e) {
                                made.completeExceptionally(e);
                            }
                        },
                        "onnxruntime-start",
                        STACK_BYTES);
        thread.start();
        try {
            return made.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    private static Handle create(OrtApi api, int threads) {
        try (Arena arena = Arena.ofConfined();
                Handle options =
                        Handle.make(
                                api,
                                OrtFunction.RELEASE_THREADING_OPTIONS,
                                out -> api.call(OrtFunction.CREATE_THREADING_OPTIONS, out))) {
            api.call(OrtFunction.SET_GLOBAL_INTRA_OP_NUM_THREADS, options.pointer(), threads);
            api.call(OrtFunction.SET_GLOBAL_INTER_OP_NUM_THREADS, options.pointer(), 1);
            api.call(OrtFunction.SET_GLOBAL_SPIN_CONTROL, options.pointer(), SPINNING);
            return Handle.make(
                    api,
                    OrtFunction.RELEASE_ENV,
                    out ->
                            api.call(
                                    OrtFunction.CREATE_ENV_WITH_GLOBAL_THREAD_POOLS,
                                    LOG_WARNING,
                                    arena.allocateFrom("plumbline"),
                                    options.pointer(),
                                    out));
        }
    }
}
