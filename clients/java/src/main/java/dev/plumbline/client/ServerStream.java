package dev.plumbline.client;

import io.grpc.Context;
import io.grpc.Context.CancellableContext;
import java.util.Iterator;
import java.util.function.Supplier;

/**
 * What a server sends piece by piece. Closing it before its end cancels the work on the server; any
 * thread may do so.
 *
 * @param <T> one message of the stream
 */
public final class ServerStream<T> implements Iterator<T>, AutoCloseable {
    private final CancellableContext context;
    private final Iterator<T> messages;

    private ServerStream(CancellableContext context, Iterator<T> messages) {
        this.context = context;
        this.messages = messages;
    }

    static <T> ServerStream<T> open(Supplier<Iterator<T>> call) {
        CancellableContext context = Context.current().withCancellation();
        Context previous = context.attach();
        try {
            return new ServerStream<>(context, Calls.call(call));
        } finally {
            context.detach(previous);
        }
    }

    /**
     * Waits for the next message.
     *
     * @throws PlumblineClientException if the server refused, failed, or the stream was closed
     */
    @Override
    public boolean hasNext() {
        return Calls.call(messages::hasNext);
    }

    @Override
    public T next() {
        return Calls.call(messages::next);
    }

    @Override
    public void close() {
        context.cancel(null);
    }
}
