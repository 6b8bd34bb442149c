package dev.plumbline.cli;

import dev.plumbline.client.PlumblineClient;
import dev.plumbline.v1.Plugin;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command line. */
@Command(name = "plumbline", mixinStandardHelpOptions = true)
final class Main {
    /** Held, or the level below is forgotten with the logger. */
    private static final Logger NETTY = Logger.getLogger("io.grpc.netty.shaded");

    @Option(names = "--server", defaultValue = "localhost:9000")
    private String server = "";

    @Command(description = "Prints a streamed answer.")
    void generate(@Parameters(paramLabel = "PROMPT") String prompt) {
        try (var client = PlumblineClient.connect(server)) {
            client.generate(prompt, System.out::println);
        }
    }

    @Command(description = "Lists what is plugged in.")
    void plugins() {
        try (var client = PlumblineClient.connect(server)) {
            for (Plugin plugin : client.listPlugins()) {
                System.out.println(plugin.getKind() + " " + plugin.getName());
            }
        }
    }

    public static void main(String[] args) {
        NETTY.setLevel(Level.WARNING);
        System.exit(new CommandLine(new Main()).execute(args));
    }
}
