package dev.plumbline.server.plugin;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.runtime.Cancellation;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The one place through which a plugin's code runs: on a thread of its own, so that it can be given
 * up where it hangs, and so that what it leaves in thread-locals goes with the thread. Whatever it
 * throws comes out as a {@link RuntimeException} without its classes.
 */
final class Guard implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Guard.class);
    private static final long IDLE_SECONDS = 30;

    /** How often it is looked whether anybody still wants the result. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** How long code whose result nobody wants may take to notice that by itself. */
    private static final long LAST_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private final Suspect suspect;
    private final Duration deadline;
    private final Cancellation cancellation;
    private final Consumer<Thread> abandoned;
    private final ThreadPoolExecutor executor;
    private volatile @Nullable Thread thread;
    private volatile long alive = System.nanoTime();
    private volatile boolean dead;

    /**
     * Whose code runs.
     *
     * @param text such as {@code the selector plugin random (selector-random 0.1.0)}
     * @param metadata of failures
     */
    record Suspect(String text, Map<String, String> metadata) {}

    /**
     * @param deadline how long the code may say nothing
     * @param cancellation by whoever wants the result
     * @param abandoned is told of a thread that hangs
     */
    Guard(
            Suspect suspect,
            Duration deadline,
            Cancellation cancellation,
            @Nullable ClassLoader context,
            Consumer<Thread> abandoned) {
        this.suspect = suspect;
        this.deadline = deadline;
        this.cancellation = cancellation;
        this.abandoned = abandoned;
        this.executor =
                new ThreadPoolExecutor(
                        1,
                        1,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        task -> thread(task, context));
        executor.allowCoreThreadTimeOut(true);
    }

    private Thread thread(Runnable task, @Nullable ClassLoader context) {
        Thread made =
                Thread.ofPlatform()
                        .daemon()
                        .name("plumbline-plugin: " + suspect.text())
                        .inheritInheritableThreadLocals(false)
                        .unstarted(task);
        made.setContextClassLoader(context);
        thread = made;
        return made;
    }

    /**
     * The plugin has said how far it is.
     *
     * @throws PlumblineException {@code CANCELLED} where it was given up: nobody listens any more
     */
    void alive() {
        if (dead) {
            throw cancelled();
        }
        alive = System.nanoTime();
    }

    /** Whether it was given up. */
    boolean isDead() {
        return dead;
    }

    /**
     * Runs a plugin's code and waits for it.
     *
     * @param doing the method's name, for messages
     * @return what it gave, which may be null whatever it promised
     * @throws PlumblineException {@code PLUGIN_TIMEOUT}, {@code CANCELLED}, or what the server's
     *     own services threw
     * @throws Fault what the plugin threw
     */
    <T> T call(String doing, Callable<T> code) {
        alive = System.nanoTime();
        Future<T> result = submit(code, doing);
        while (true) {
            try {
                return result.get(Math.clamp(left(), 1, LOOK_NANOS), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                if (cancellation.isCancelled()) {
                    return last(result);
                }
                if (left() <= 0) {
                    PlumblineException failure = timeout(doing, abandon());
                    LOG.error(failure.getMessage());
                    throw failure;
                }
            } catch (ExecutionException e) {
                throw failure(e.getCause() == null ? e : e.getCause());
            } catch (InterruptedException e) {
                throw interrupted();
            }
        }
    }

    /** Whoever reports progress or asks for a service hears of a cancellation and ends at once. */
    private <T> T last(Future<T> result) {
        try {
            return result.get(LAST_NANOS, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            abandon();
            throw cancelled();
        } catch (ExecutionException e) {
            throw failure(e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private PlumblineException interrupted() {
        abandon();
        Thread.currentThread().interrupt();
        return cancelled();
    }

    private static PlumblineException cancelled() {
        return new PlumblineException(
                ErrorCode.CANCELLED, "CANCELLED", "the work was cancelled", Map.of());
    }

    private <T> Future<T> submit(Callable<T> code, String doing) {
        try {
            return executor.submit(() -> contained(code));
        } catch (RejectedExecutionException e) {
            throw timeout(doing, "");
        }
    }

    /** Describes what is thrown here, under the deadline: that too is the plugin's code. */
    private static <T> T contained(Callable<T> code) {
        try {
            return code.call();
        } catch (Throwable thrown) {
            throw failure(thrown);
        }
    }

    private static RuntimeException failure(Throwable thrown) {
        switch (thrown) {
            case Fault fault -> {
                return fault;
            }
            case Unusable unusable -> {
                return unusable;
            }
            case PlumblineException ours -> {
                return ours;
            }
            default -> {}
        }
        // A cancellation is one, however a plugin wraps it.
        Throwable cause = thrown.getCause();
        for (int depth = 0; cause != null && depth < 16; depth++) {
            if (cause instanceof PlumblineException e && e.code() == ErrorCode.CANCELLED) {
                return e;
            }
            cause = cause.getCause();
        }
        return Fault.of(thrown);
    }

    private long left() {
        return alive + deadline.toNanos() - System.nanoTime();
    }

    /**
     * Java cannot stop a thread: it is asked to end, and left behind with a name that says so.
     *
     * @return where it is
     */
    private String abandon() {
        dead = true;
        Thread hung = thread;
        // Looked at before it is interrupted, which may end it at once.
        StackTraceElement[] stack = hung == null ? new StackTraceElement[0] : hung.getStackTrace();
        executor.shutdownNow();
        if (hung == null) {
            return "";
        }
        String where = Fault.place(stack).map(p -> ", at " + p).orElse("");
        hung.setName("plumbline-plugin, abandoned: " + suspect.text());
        abandoned.accept(hung);
        return where;
    }

    private PlumblineException timeout(String doing, String where) {
        Map<String, String> metadata = new HashMap<>(suspect.metadata());
        metadata.put("doing", doing);
        metadata.put("deadline_millis", Long.toString(deadline.toMillis()));
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "PLUGIN_TIMEOUT",
                ("%s was given up: its %s has said nothing for %s s%s. Let it report progress, or"
                                + " raise plumbline.plugins.deadline")
                        .formatted(suspect.text(), doing, seconds(), where),
                metadata);
    }

    private String seconds() {
        double seconds = deadline.toMillis() / 1000.0;
        return seconds == Math.rint(seconds) ? Long.toString((long) seconds) : "" + seconds;
    }

    /** No more code will run; the thread ends. */
    @Override
    public void close() {
        executor.shutdown();
    }
}
