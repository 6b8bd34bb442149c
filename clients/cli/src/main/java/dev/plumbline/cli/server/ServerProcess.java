package dev.plumbline.cli.server;

import dev.plumbline.client.PlumblineClient;
import dev.plumbline.client.PlumblineClientException;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A server that we started, and its log. */
public final class ServerProcess implements AutoCloseable {
    /**
     * Ends the server when this process is gone, however it went: then standard input ends. A job
     * in the background ignores Ctrl-C, so that the work can be cancelled in order first.
     */
    private static final String ATTACHED =
            """
            exec 3<&0
            "$@" </dev/null 3<&- &
            server=$!
            trap 'kill "$server" 2>/dev/null' TERM INT HUP
            (cat <&3 >/dev/null; kill "$server" 2>/dev/null) &
            watcher=$!
            wait "$server"
            code=$?
            while kill -0 "$server" 2>/dev/null; do wait "$server"; code=$?; done
            kill "$watcher" 2>/dev/null
            exit "$code"
            """;

    private static final String DETACHED = "trap '' INT HUP; exec \"$@\" </dev/null";
    private static final Duration START_PATIENCE = Duration.ofMinutes(3);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(15);
    private static final Duration PROBE_PATIENCE = Duration.ofSeconds(2);
    private static final long PAUSE_MILLISECONDS = 50;
    private static final int LOG_TAIL = 12;

    private final Process process;
    private final Path log;
    private final int port;

    private ServerProcess(Process process, Path log, int port) {
        this.process = process;
        this.log = log;
        this.port = port;
    }

    /**
     * Starts a server on free ports, for this machine only, and returns at once.
     *
     * @param detached whether it may outlive this process
     */
    static ServerProcess start(Environment environment, boolean detached) throws IOException {
        FreePorts ports = FreePorts.find();
        var command =
                new ServerCommand(
                        Map.of(),
                        Map.of(),
                        Map.of(),
                        ports.grpc(),
                        ports.http(),
                        Optional.of(environment.home()),
                        true);
        return start(
                command.arguments(environment.root()),
                logFile(environment.home()),
                ports.grpc(),
                detached);
    }

    static ServerProcess start(List<String> command, Path log, int port, boolean detached)
            throws IOException {
        var wrapped =
                new ArrayList<>(List.of("sh", "-c", detached ? DETACHED : ATTACHED, "plumbline"));
        wrapped.addAll(command);
        var builder = new ProcessBuilder(wrapped).redirectErrorStream(true);
        return new ServerProcess(builder.redirectOutput(log.toFile()).start(), log, port);
    }

    private static Path logFile(Path home) throws IOException {
        Path folder = Files.createDirectories(home.resolve("logs"));
        String time = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").format(LocalDateTime.now());
        return folder.resolve("serve-" + time + "-" + ProcessHandle.current().pid() + ".log");
    }

    public String target() {
        return "127.0.0.1:" + port;
    }

    public Path log() {
        return log;
    }

    /**
     * Waits until the server answers.
     *
     * @throws PlumblineClientException {@code SERVER_START_FAILED} with the end of its log
     */
    void awaitAnswer(PlumblineClient client, Interruption interruption) throws IOException {
        Instant end = Instant.now().plus(START_PATIENCE);
        while (!client.answers(PROBE_PATIENCE)) {
            if (interruption.interrupted()) {
                throw failure(Status.Code.CANCELLED, "CANCELLED", "Cancelled.");
            }
            if (!process.isAlive() || Instant.now().isAfter(end)) {
                throw failure(
                        Status.Code.UNAVAILABLE,
                        "SERVER_START_FAILED",
                        "The server did not start. Its log " + log + " ends so:\n" + logTail());
            }
            pause();
        }
    }

    private PlumblineClientException failure(Status.Code code, String reason, String message) {
        return new PlumblineClientException(code, reason, message, Map.of("log", log.toString()));
    }

    private void pause() {
        try {
            Thread.sleep(PAUSE_MILLISECONDS);
        } catch (InterruptedException stop) {
            throw failure(Status.Code.CANCELLED, "CANCELLED", "Cancelled.");
        }
    }

    private String logTail() throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_TAIL), lines.size()));
    }

    long id() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Lets go of the pipe that keeps an attached server alive. */
    void abandon() throws IOException {
        process.getOutputStream().close();
    }

    /** Asks the server to end, and makes it end where it does not. */
    @Override
    public void close() {
        // Ctrl-C may have left its mark on this thread; the server must be waited for all the same.
        boolean interrupted = Thread.interrupted();
        process.destroy();
        try {
            if (!process.waitFor(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (InterruptedException again) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
