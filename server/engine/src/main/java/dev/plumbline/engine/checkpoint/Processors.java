package dev.plumbline.engine.checkpoint;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Work that is shared out among all processors, piece by piece, in order. */
final class Processors {
    private Processors() {}

    /**
     * Does the work of every piece; when one fails, no further ones are begun.
     *
     * @param tool what each thread needs for itself
     */
    static <P, T> void forEach(Collection<P> pieces, Supplier<T> tool, BiConsumer<T, P> work) {
        int threads = Math.min(Runtime.getRuntime().availableProcessors(), pieces.size());
        if (threads == 0) {
            return;
        }
        Queue<P> queue = new Queue<>(pieces.iterator());
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                workers.add(pool.submit(() -> workOff(queue, tool.get(), work)));
            }
            workers.forEach(Processors::await);
        }
    }

    private static <P, T> void workOff(Queue<P> queue, T tool, BiConsumer<T, P> work) {
        try {
            for (P piece = queue.next(); piece != null; piece = queue.next()) {
                work.accept(tool, piece);
            }
        } catch (RuntimeException | Error e) {
            queue.stop();
            throw e;
        }
    }

    private static void await(Future<?> worker) {
        try {
            worker.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new IllegalStateException(e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while weights were read", e);
        }
    }

    private static final class Queue<P> {
        private final Iterator<P> pieces;
        private boolean stopped;

        Queue(Iterator<P> pieces) {
            this.pieces = pieces;
        }

        synchronized @Nullable P next() {
            return stopped || !pieces.hasNext() ? null : pieces.next();
        }

        synchronized void stop() {
            stopped = true;
        }
    }
}
