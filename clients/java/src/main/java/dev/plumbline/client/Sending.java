package dev.plumbline.client;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Sends messages no faster than the server takes them in, and waits for its one answer.
 *
 * @param <Q> a message
 * @param <T> the answer
 */
final class Sending<Q, T> implements ClientResponseObserver<Q, T> {
    private final CompletableFuture<T> answer = new CompletableFuture<>();
    private final Iterator<Q> messages;
    private final Class<T> type;
    private boolean completed;

    Sending(Iterator<Q> messages, Class<T> type) {
        this.messages = messages;
        this.type = type;
    }

    /**
     * Waits for the server.
     *
     * @throws PlumblineClientException what it refused
     */
    T answer() {
        try {
            return answer.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof StatusRuntimeException refusal
                    ? PlumblineClientException.of(refusal)
                    : e;
        }
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<Q> requests) {
        requests.setOnReadyHandler(() -> send(requests));
    }

    private void send(ClientCallStreamObserver<Q> requests) {
        try {
            while (requests.isReady() && !completed) {
                if (messages.hasNext()) {
                    requests.onNext(messages.next());
                } else {
                    completed = true;
                    requests.onCompleted();
                }
            }
        } catch (RuntimeException e) {
            completed = true;
            answer.completeExceptionally(e);
            requests.cancel("what is to be sent cannot be read", e);
        }
    }

    @Override
    public void onNext(T message) {
        answer.complete(message);
    }

    @Override
    public void onError(Throwable failure) {
        answer.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
        // Without an answer before, the call has failed.
        answer.completeExceptionally(
                io.grpc.Status.INTERNAL
                        .withDescription("the server answered without " + type.getSimpleName())
                        .asRuntimeException());
    }
}
