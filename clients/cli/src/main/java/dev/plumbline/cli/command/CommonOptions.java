package dev.plumbline.cli.command;

import dev.plumbline.cli.server.References;
import dev.plumbline.cli.server.Session;
import dev.plumbline.cli.server.Shell;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every command that calls a server takes. */
public final class CommonOptions {
    @Option(
            names = "--server",
            paramLabel = "HOST:PORT",
            description =
                    "Where a server answers (or PLUMBLINE_SERVER; default localhost:9000). If"
                            + " none is named and none answers there, one is started for this"
                            + " command.")
    private @Nullable String server;

    @Option(names = "--json", description = "Print exactly one JSON document.")
    private boolean json;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and an example.")
    private boolean help;

    public boolean json() {
        return json;
    }

    public Session connect(Shell shell, References references) throws IOException {
        return Session.open(shell, server, references);
    }

    /** For commands that name no model. */
    public Session connect(Shell shell) throws IOException {
        return connect(shell, References.NONE);
    }
}
