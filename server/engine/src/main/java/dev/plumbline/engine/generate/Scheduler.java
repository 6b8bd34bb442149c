package dev.plumbline.engine.generate;

import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The one thread on which a model answers. It starts with the first request; after a while without
 * any, it gives the memory of keys and values back.
 */
final class Scheduler implements AutoCloseable {
    /** How long a cancelled request may keep its slot while its reader does nothing. */
    private static final long LOOK_AGAIN_MILLIS = 20;

    private final LoadedModel model;
    private final ServingLimits limits;
    private final Duration patience;
    private final PrefixCache prefixes;
    private final Waiting waiting = new Waiting();
    private final LongAdder decodeSteps = new LongAdder();
    private final Cancellation stop = new Cancellation();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private @Nullable Thread thread;
    private boolean told;

    /**
     * @param patience how long memory is kept while nobody asks
     */
    Scheduler(LoadedModel model, ServingLimits limits, Duration patience) {
        this.model = model;
        this.limits = limits;
        this.patience = patience;
        this.prefixes = new PrefixCache(model.facts(), limits.prefixBytes());
    }

    /** Has a request answered as soon as a slot is free. */
    void submit(Sequence sequence) {
        lock.lock();
        try {
            if (stop.isCancelled()) {
                throw Refusals.closed();
            }
            waiting.add(sequence);
            if (thread == null) {
                thread = Thread.ofPlatform().name("plumbline-decode").daemon().start(this::run);
            }
        } finally {
            lock.unlock();
        }
        wake();
    }

    /** Has nothing more computed for a request; it may be answered already. */
    void withdraw(Sequence sequence) {
        waiting.remove(sequence);
        sequence.handoff().leave();
    }

    /** Says that there may be something to do. */
    void wake() {
        lock.lock();
        try {
            told = true;
            news.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Tokens that decode steps have computed. */
    long decodeSteps() {
        return decodeSteps.sum();
    }

    int waiting() {
        return waiting.size();
    }

    PrefixCounts prefixes() {
        return prefixes.counts();
    }

    private void run() {
        Throwable why = Refusals.closed();
        try (Batch batch = new Batch(model, limits, waiting, prefixes, decodeSteps)) {
            while (!stop.isCancelled()) {
                work(batch);
                await(batch);
            }
            batch.failAll(why);
        } catch (RuntimeException | Error e) {
            why = e;
        }
        end(why);
    }

    /** Until there is nothing to do. */
    private void work(Batch batch) {
        try {
            boolean busy = true;
            while (busy && !stop.isCancelled()) {
                busy = batch.step(stop);
            }
        } catch (RuntimeException | Error e) {
            batch.failAll(e);
        }
    }

    /** Until there may be something to do. */
    private void await(Batch batch) {
        lock.lock();
        try {
            long idle = patience.toNanos();
            while (!told) {
                if (!batch.isEmpty()) {
                    if (!news.await(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
                        return;
                    }
                } else if (idle > 0) {
                    idle = news.awaitNanos(idle);
                } else {
                    batch.rest();
                    news.await();
                }
            }
            told = false;
        } catch (InterruptedException e) {
            stop.cancel();
        } finally {
            lock.unlock();
        }
    }

    private void end(Throwable why) {
        lock.lock();
        try {
            thread = null;
            waiting.removeAll().forEach(sequence -> sequence.handoff().fail(why));
        } finally {
            lock.unlock();
        }
    }

    /** Ends what is under way, and gives all memory back. */
    @Override
    public void close() {
        stop.cancel();
        wake();
        Thread running;
        lock.lock();
        try {
            running = thread;
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        while (running != null && running.isAlive()) {
            try {
                running.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        prefixes.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
