package dev.plumbline.engine.runtime;

import dev.plumbline.engine.error.PlumblineException;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/** The switch by which another thread stops a run. */
final class RunOptions implements AutoCloseable {
    /** A run that fails or is stopped tells so by its exception. */
    private static final int LOG_FATAL = 4;

    private final OrtApi api;
    private final Handle handle;

    RunOptions(OrtApi api) {
        this.api = api;
        handle =
                Handle.make(
                        api,
                        OrtFunction.RELEASE_RUN_OPTIONS,
                        out -> api.call(OrtFunction.CREATE_RUN_OPTIONS, out));
        api.call(OrtFunction.RUN_OPTIONS_SET_RUN_LOG_SEVERITY_LEVEL, handle.pointer(), LOG_FATAL);
    }

    /** Asks the run with these options to end, for good: no later run can use them. */
    void terminate() {
        api.call(OrtFunction.RUN_OPTIONS_SET_TERMINATE, handle.pointer());
    }

    MemorySegment pointer() {
        return handle.pointer();
    }

    /**
     * Runs so that a cancel from another thread ends it.
     *
     * @param run takes the pointer to these options
     * @throws PlumblineException {@code CANCELLED} if cancelled before or during the run, or what
     *     the run throws
     */
    void run(Cancellation cancellation, Consumer<MemorySegment> run) {
        cancellation.enter(this);
        try {
            run.accept(handle.pointer());
        } catch (PlumblineException e) {
            cancellation.check();
            throw e;
        } finally {
            cancellation.leave(this);
        }
        cancellation.check();
    }

    @Override
    public void close() {
        handle.close();
    }
}
