package dev.plumbline.engine.generate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Requests that wait for a slot, the first to come the first to go. For many threads. */
final class Waiting {
    private final Deque<Sequence> queue = new ArrayDeque<>();

    synchronized void add(Sequence sequence) {
        queue.add(sequence);
    }

    /** The one that came first of those that somebody still waits for. */
    synchronized @Nullable Sequence first() {
        while (!queue.isEmpty() && queue.getFirst().isGone()) {
            queue.removeFirst();
        }
        return queue.peekFirst();
    }

    /** Does nothing where it waits no more. */
    synchronized void remove(Sequence sequence) {
        queue.remove(sequence);
    }

    synchronized int size() {
        return queue.size();
    }

    synchronized List<Sequence> removeAll() {
        List<Sequence> all = new ArrayList<>(queue);
        queue.clear();
        return all;
    }
}
