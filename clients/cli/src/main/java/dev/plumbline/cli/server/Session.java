package dev.plumbline.cli.server;

import dev.plumbline.client.PlumblineClient;
import dev.plumbline.client.PlumblineClientException;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A connection to a server that answers; a server that we started ends with it. */
public final class Session implements AutoCloseable {
    public static final String DEFAULT_SERVER = "localhost:9000";
    private static final Pattern ADDRESS = Pattern.compile("[^\\s/]+:(\\d{1,5})");
    private static final int LARGEST_PORT = 65535;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final PlumblineClient client;
    private final String target;
    private final @Nullable ServerProcess process;

    private Session(PlumblineClient client, String target, @Nullable ServerProcess process) {
        this.client = client;
        this.target = target;
        this.process = process;
    }

    /**
     * Connects to the server that was named, else to the usual one, else to one that is started for
     * the purpose.
     *
     * @param server HOST:PORT as the user gave it, or null
     * @param references what will be asked of it: models by name or folder
     * @throws PlumblineClientException {@code SERVER_UNREACHABLE} where a named server does not
     *     answer
     */
    public static Session open(Shell shell, @Nullable String server, References references)
            throws IOException {
        Optional<String> named = Optional.ofNullable(server).or(() -> shell.environment().server());
        String target = named.orElse(DEFAULT_SERVER);
        requireAddress(target);
        PlumblineClient client = PlumblineClient.connect(target);
        if (client.answers(PATIENCE)) {
            return new Session(client, target, null);
        }
        client.close();
        if (named.isPresent()) {
            throw new PlumblineClientException(
                    Status.Code.UNAVAILABLE,
                    "SERVER_UNREACHABLE",
                    "No Plumbline server answers at "
                            + target
                            + ". Start one with ./plumbline serve, or leave --server and"
                            + " PLUMBLINE_SERVER out and one is started for you.",
                    Map.of("server", target));
        }
        references.requireFolders(shell.environment());
        String why = "No server answers at " + target + ": starting one for this command";
        return start(shell, why, false);
    }

    private static void requireAddress(String target) {
        Matcher matcher = ADDRESS.matcher(target);
        if (!matcher.matches() || Integer.parseInt(matcher.group(1)) > LARGEST_PORT) {
            throw new PlumblineClientException(
                    Status.Code.INVALID_ARGUMENT,
                    "SERVER_ADDRESS_INVALID",
                    "\"%s\" is not HOST:PORT: give for example localhost:9000 to --server or PLUMBLINE_SERVER."
                            .formatted(target),
                    Map.of("server", target));
        }
    }

    /**
     * Starts a server of our own.
     *
     * @param why what the user is told
     * @param detached whether it may be left running
     */
    public static Session start(Shell shell, String why, boolean detached) throws IOException {
        ServerProcess process = ServerProcess.start(shell.environment(), detached);
        shell.say("%s, at %s; log: %s".formatted(why, process.target(), process.log()));
        PlumblineClient client = PlumblineClient.connect(process.target());
        try {
            process.awaitAnswer(client, shell.interruption());
            return new Session(client, process.target(), process);
        } catch (IOException | RuntimeException failure) {
            client.close();
            process.close();
            throw failure;
        }
    }

    public PlumblineClient client() {
        return client;
    }

    public String target() {
        return target;
    }

    /** Of a server that we started; 0 for another. */
    public long processId() {
        return process == null ? 0 : process.id();
    }

    /** Leaves a server that we started running. */
    public void leaveRunning() {
        client.close();
    }

    @Override
    public void close() {
        client.close();
        if (process != null) {
            process.close();
        }
    }
}
