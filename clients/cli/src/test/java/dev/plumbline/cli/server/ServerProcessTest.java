package dev.plumbline.cli.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.client.PlumblineClient;
import dev.plumbline.client.PlumblineClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With a shell in the server's place: what starts also ends. */
class ServerProcessTest {
    private static final int NOBODY = 1;

    @TempDir Path folder;

    private ServerProcess start(boolean detached, String script) throws IOException {
        return ServerProcess.start(
                List.of("sh", "-c", script), folder.resolve("log"), NOBODY, detached);
    }

    @Test
    void aServerThatDiesIsReportedWithTheEndOfItsLog() throws IOException {
        try (var process = start(false, "echo first; echo port is taken >&2; exit 1");
                var client = PlumblineClient.connect(process.target())) {
            var interruption = new Interruption(Thread.currentThread());
            assertThatThrownBy(() -> process.awaitAnswer(client, interruption))
                    .isInstanceOfSatisfying(
                            PlumblineClientException.class,
                            failure -> {
                                assertThat(failure.reason()).isEqualTo("SERVER_START_FAILED");
                                assertThat(failure.text()).contains("first\nport is taken");
                            });
        }
    }

    @Test
    void waitingEndsWithCtrlC() throws IOException {
        try (var process = start(false, "exec sleep 60");
                var client = PlumblineClient.connect(process.target())) {
            var interruption = new Interruption(Thread.currentThread());
            interruption.end();
            var interrupted = new Interruption(Thread.currentThread());
            Thread.ofVirtual().start(interrupted::interrupt);
            assertThatThrownBy(() -> process.awaitAnswer(client, interrupted))
                    .isInstanceOfSatisfying(
                            PlumblineClientException.class,
                            failure -> assertThat(failure.reason()).isEqualTo("CANCELLED"));
            interrupted.end();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void closingEndsTheServer(boolean detached) throws IOException, InterruptedException {
        ServerProcess process = start(detached, "echo $$; exec sleep 60");
        long server = Long.parseLong(firstLine());
        assertThat(ProcessHandle.of(server)).isPresent();
        process.close();
        assertThat(process.isAlive()).isFalse();
        assertThat(ProcessHandle.of(server).filter(ProcessHandle::isAlive)).isEmpty();
    }

    @Test
    void aServerEndsWithTheProcessThatStartedIt() throws IOException, InterruptedException {
        ServerProcess process = start(false, "echo $$; exec sleep 60");
        long server = Long.parseLong(firstLine());
        process.abandon(); // All that is left of a process that was killed: its end of the pipe is
        // closed.
        await(() -> ProcessHandle.of(server).filter(ProcessHandle::isAlive).isEmpty());
        process.close();
    }

    private String firstLine() throws IOException, InterruptedException {
        Path log = folder.resolve("log");
        await(() -> !Files.readString(log).isEmpty());
        return Files.readAllLines(log).getFirst();
    }

    private static void await(Condition condition) throws IOException, InterruptedException {
        Instant end = Instant.now().plus(Duration.ofSeconds(20));
        while (!condition.holds()) {
            assertThat(Instant.now()).isBefore(end);
            Thread.sleep(20);
        }
    }

    private interface Condition {
        boolean holds() throws IOException;
    }
}
