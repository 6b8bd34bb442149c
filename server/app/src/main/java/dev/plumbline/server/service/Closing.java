package dev.plumbline.server.service;

import java.util.ArrayDeque;
import java.util.Deque;

/** Several things that are held together, given back in the reverse of their order. */
final class Closing implements AutoCloseable {
    private final Deque<AutoCloseable> held = new ArrayDeque<>();

    <T extends AutoCloseable> T hold(T resource) {
        held.push(resource);
        return resource;
    }

    @Override
    public void close() {
        while (!held.isEmpty()) {
            close(held.pop());
        }
    }

    static void close(AutoCloseable resource) {
        try {
            resource.close();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("nothing that is held here throws this", e);
        }
    }
}
