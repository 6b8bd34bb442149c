package dev.plumbline.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.runtime.Cancellation;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client that does not read holds the sender up, and not for ever. */
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class PatientStreamTest {
    private final SlowClient<String> client = new SlowClient<>();

    @Test
    void waitsForTheClient() throws InterruptedException {
        var stream = new PatientStream<>(client, Duration.ofSeconds(10));
        client.room(2);
        Thread sender =
                Thread.ofPlatform()
                        .start(() -> {
                            for (int i = 0; i < 5; i++) {
                                stream.send("m" + i);
                            }
                        });
        Thread.sleep(200);
        assertThat(client.received()).containsExactly("m0", "m1");
        client.room(3);
        sender.join();
        assertThat(client.received()).hasSize(5);
    }

    @Test
    void givesUpOnOneThatNeverReads() {
        var stream = new PatientStream<>(client, Duration.ofMillis(100));
        assertThatThrownBy(() -> stream.send("m"))
                .isInstanceOfSatisfying(
                        PlumblineException.class,
                        e -> assertThat(e.reason()).isEqualTo("CLIENT_TOO_SLOW"));
        assertThat(client.received()).isEmpty();
    }

    @Test
    void endsWithTheCancellation() throws InterruptedException {
        var cancellation = new Cancellation();
        var stream = new PatientStream<>(client, Duration.ofSeconds(10)).endingWith(cancellation);
        Thread canceller =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                Thread.sleep(100);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            cancellation.cancel();
                        });
        assertThatThrownBy(() -> stream.send("m"))
                .isInstanceOfSatisfying(
                        PlumblineException.class,
                        e -> assertThat(e.reason()).isEqualTo("CANCELLED"));
        canceller.join();
    }
}
