package dev.plumbline.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.server.service.BoundedPool;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is pulled comes whole, in order, and only as fast as it is read. */
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class PullStreamTest {
    private final SlowClient<Integer> client = new SlowClient<>();
    private final ConcurrentLinkedQueue<Integer> news = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean over = new AtomicBoolean();

    @Test
    void sendsWhatTheClientHasRoomForAndEnds() throws InterruptedException {
        var stream = stream();
        client.room(3);
        for (int i = 0; i < 10; i++) {
            news.add(i);
            stream.signal();
        }
        await(() -> client.received().size() == 3);
        Thread.sleep(50);
        assertThat(client.received()).containsExactly(0, 1, 2);
        client.room(100);
        await(() -> client.received().size() == 10);
        over.set(true);
        stream.signal();
        await(client::completed);
    }

    @Test
    void losesNothingWhenManySignal() throws InterruptedException {
        var stream = stream();
        client.room(Integer.MAX_VALUE);
        int count = 20_000;
        for (int i = 0; i < count; i++) {
            news.add(i);
            stream.signal();
        }
        await(() -> client.received().size() == count);
        List<Integer> all = IntStream.range(0, count).boxed().toList();
        assertThat(client.received()).isEqualTo(all);
    }

    private PullStream<Integer> stream() {
        var stream = new PullStream<>(new BoundedPool("test", 2, 1), client);
        stream.feedFrom(
                new PullStream.Source<>(
                        () -> Optional.ofNullable(news.poll()),
                        () -> over.get() && news.isEmpty()));
        return stream;
    }

    private static void await(java.util.function.BooleanSupplier condition)
            throws InterruptedException {
        while (!condition.getAsBoolean()) {
            Thread.sleep(5);
        }
    }
}
