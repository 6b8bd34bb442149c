package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.runtime.Cancellation;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * So many platform threads, so many tasks that wait, no more. Platform threads, because a native
 * call holds the carrier of a virtual one.
 */
public final class BoundedPool {
    private static final Duration LAST_PATIENCE = Duration.ofSeconds(5);

    private final String name;
    private final int queue;
    private final ThreadPoolExecutor executor;
    private final Set<Cancellation> known = ConcurrentHashMap.newKeySet();

    public BoundedPool(String name, int workers, int queue) {
        this(
                name,
                workers,
                queue,
                Thread.ofPlatform().name("plumbline-" + name + "-", 0).factory());
    }

    /** One whose tasks only wait, each on a virtual thread. */
    static BoundedPool ofWaiting(String name, int workers, int queue) {
        ThreadFactory threads = Thread.ofVirtual().name("plumbline-" + name + "-", 0).factory();
        return new BoundedPool(name, workers, queue, threads);
    }

    private BoundedPool(String name, int workers, int queue, ThreadFactory threads) {
        this.name = name;
        this.queue = queue;
        this.executor =
                new ThreadPoolExecutor(
                        workers,
                        workers,
                        30,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(queue),
                        threads);
        executor.allowCoreThreadTimeOut(true);
    }

    /**
     * Runs a task as soon as a thread is free.
     *
     * @throws PlumblineException {@code RESOURCE_EXHAUSTED}, {@code QUEUE_FULL} where too many wait
     */
    public void execute(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            if (executor.isShutdown()) {
                throw stopping();
            }
            throw new PlumblineException(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    "QUEUE_FULL",
                    "%d calls wait for %s already: try again in a second".formatted(queue, name),
                    Map.of("queue", Integer.toString(queue), "retry_after_seconds", "1"));
        }
    }

    /**
     * Waits for what a task makes, which runs as soon as a thread is free.
     *
     * @throws PlumblineException as {@link #execute(Runnable)} does; further whatever the task
     *     throws
     */
    <T> T call(Supplier<T> task) {
        var result = new CompletableFuture<T>();
        execute(() -> {
            try {
                result.complete(task.get());
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        });
        try {
            return result.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error error -> throw error;
                case null, default -> throw e;
            }
        }
    }

    /** What is told of work that a stop prevents or ends. */
    public static PlumblineException stopping() {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "SERVER_STOPPING",
                "the server is stopping: try again when it is back",
                Map.of());
    }

    /**
     * Runs a task as soon as a thread is free, and cancels it where the pool stops before its end.
     *
     * @throws PlumblineException as {@link #execute(Runnable)} does
     */
    public void execute(Runnable task, Cancellation cancellation) {
        known.add(cancellation);
        try {
            execute(task);
        } catch (PlumblineException e) {
            known.remove(cancellation);
            throw e;
        }
    }

    /** Says that a cancellable task has ended, or will never begin. */
    public void forget(Cancellation cancellation) {
        known.remove(cancellation);
    }

    /** Takes a waiting task back. */
    public void remove(Runnable task) {
        executor.remove(task);
    }

    /** Whether what is cancelled now may be cancelled because the pool stops. */
    public boolean isStopping() {
        return executor.isShutdown();
    }

    /**
     * Takes no more tasks and waits for those under way; what has not ended then is cancelled, or
     * it would go on with models that are closed.
     */
    void stop(Duration patience) {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                known.forEach(Cancellation::cancel);
                executor.awaitTermination(LAST_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            executor.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
