package dev.plumbline.server.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The server's side of a call whose client has room for only so many messages. */
final class SlowClient<T> extends ServerCallStreamObserver<T> {
    private final List<T> received = new ArrayList<>();
    private @Nullable Runnable onReady;
    private int room;
    private boolean completed;

    /** The client reads so many more. */
    void room(int more) {
        synchronized (this) {
            room += more;
        }
        if (onReady != null) {
            onReady.run();
        }
    }

    synchronized List<T> received() {
        return List.copyOf(received);
    }

    synchronized boolean completed() {
        return completed;
    }

    @Override
    public synchronized boolean isReady() {
        return room > 0;
    }

    @Override
    public synchronized void onNext(T value) {
        room--;
        received.add(value);
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
        onReady = handler;
    }

    @Override
    public synchronized void onCompleted() {
        completed = true;
    }

    @Override
    public boolean isCancelled() {
        return false;
    }

    @Override
    public void onError(Throwable t) {
        throw new AssertionError(t);
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}
}
