package dev.plumbline.engine.runtime;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Keeps the process from ending while native code works that cannot be interrupted: ONNX Runtime's
 * destructors, which run at the end of a process, would take away what a session that is being made
 * still uses, and the process would end in SIGSEGV.
 */
final class ProcessExit {
    /** The process's own. */
    static final ProcessExit HELD = new ProcessExit(Duration.ofSeconds(60));

    static {
        java.lang.Runtime.getRuntime()
                .addShutdownHook(new Thread(HELD::await, "plumbline-native-exit"));
    }

    private final Duration patience;
    private final Phaser working = new Phaser(1);
    private volatile boolean ending;

    /**
     * @param patience the process ends after this long in any case
     */
    ProcessExit(Duration patience) {
        this.patience = patience;
    }

    /** Work that the end of the process waits for. */
    interface Hold extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Begins such work.
     *
     * @throws PlumblineException {@code CANCELLED} where the process is already ending
     */
    Hold enter() {
        working.register();
        if (ending) {
            working.arriveAndDeregister();
            throw new PlumblineException(
                    ErrorCode.CANCELLED, "SERVER_STOPPING", "the process is ending", Map.of());
        }
        return working::arriveAndDeregister;
    }

    /** Waits for the work that has begun; no more can begin. */
    void await() {
        ending = true;
        int phase = working.arriveAndDeregister();
        try {
            working.awaitAdvanceInterruptibly(phase, patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException e) {
            // It ends all the same.
        }
    }
}
