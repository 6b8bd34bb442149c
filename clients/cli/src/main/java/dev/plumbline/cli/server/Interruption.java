package dev.plumbline.cli.server;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C: what then has to be called off on the server, and time for the command to end in order.
 */
public final class Interruption {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Deque<Runnable> actions = new ArrayDeque<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread main;
    private volatile boolean interrupted;

    /**
     * @param main the thread that runs the command; interrupted where nothing is registered to be
     *     called off
     */
    public Interruption(Thread main) {
        this.main = main;
    }

    /** What to do on Ctrl-C until the handle is closed. */
    public Handle onInterrupt(Runnable action) {
        synchronized (actions) {
            actions.push(action);
        }
        return () -> {
            synchronized (actions) {
                actions.remove(action);
            }
        };
    }

    public boolean interrupted() {
        return interrupted;
    }

    /** Calls off what runs, newest first, and waits for the command to end. */
    public void interrupt() {
        if (ended.getCount() == 0) {
            return;
        }
        interrupted = true;
        Deque<Runnable> pending;
        synchronized (actions) {
            pending = new ArrayDeque<>(actions);
        }
        if (pending.isEmpty()) {
            main.interrupt();
        }
        pending.forEach(Interruption::attempt);
        try {
            var _ = ended.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException again) {
            Thread.currentThread().interrupt();
        }
    }

    private static void attempt(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException failure) {
            System.err.println("While cancelling: " + failure.getMessage());
        }
    }

    /** The command has ended; nothing is left to interrupt. */
    public void end() {
        ended.countDown();
    }

    /** Takes an action back. */
    public interface Handle extends AutoCloseable {
        @Override
        void close();
    }
}
