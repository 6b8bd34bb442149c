package dev.plumbline.cli.command;

import dev.plumbline.cli.server.ServerCommand;
import dev.plumbline.cli.server.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Starts a server in the foreground. */
@Command(
        name = "serve",
        description = "Start a server; Ctrl-C ends it in order.",
        footer = {
            "",
            "Example, from the repository's folder:",
            "  ./plumbline serve --model llava=eval-harness/demo/llava --precision int4"
        })
public final class ServeCommand implements Callable<Integer> {
    private static final int LARGEST_PORT = 65_535;

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and an example.")
    private boolean help;

    @Option(
            names = "--model",
            paramLabel = "NAME=DIR",
            description = "A Hugging Face folder to load at the start; repeatable.")
    private Map<String, String> models = new LinkedHashMap<>();

    @Option(
            names = "--precision",
            paramLabel = "PRECISION|NAME=PRECISION",
            description =
                    "Of the weights of all --model, or of one of them: fp32 (the default), int8,"
                            + " int4, w8a8 or w4a8; repeatable.")
    private List<String> precisions = new ArrayList<>();

    @Option(
            names = "--clip",
            paramLabel = "NAME=DIR",
            description = "A CLIP folder to load at the start; repeatable.")
    private Map<String, String> clips = new LinkedHashMap<>();

    @Option(names = "--port", defaultValue = "9000", description = "gRPC; ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--http-port",
            defaultValue = "8080",
            description = "Health and metrics; ${DEFAULT-VALUE}.")
    private int httpPort;

    @Option(
            names = "--home",
            paramLabel = "DIR",
            description = "Where state is kept (or PLUMBLINE_HOME; default ~/.plumbline).")
    private @Nullable String home;

    @Option(
            names = "--print-command",
            hidden = true,
            description = "Print the server's command, a word a line, for the launcher to become.")
    private boolean printCommand;

    private final Shell shell;

    public ServeCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<String> command = command().arguments(shell.environment().root());
        shell.say(
                "Starting: gRPC on port %d, health and metrics on http://localhost:%d/q/"
                        .formatted(port, httpPort));
        if (printCommand) {
            command.forEach(shell.out()::println);
            shell.out().flush();
            return 0;
        }
        Process process = new ProcessBuilder(command).inheritIO().start();
        try (var _ = shell.interruption().onInterrupt(process::destroy)) {
            return process.waitFor();
        }
    }

    private ServerCommand command() {
        return new ServerCommand(
                folders("--model", models),
                precisions(),
                folders("--clip", clips),
                checkPort("--port", port),
                checkPort("--http-port", httpPort),
                Optional.ofNullable(home).map(shell.environment()::resolve),
                false);
    }

    /** By the name of a model; what is said of one counts before what is said of all. */
    private Map<String, String> precisions() {
        var chosen = new LinkedHashMap<String, String>();
        for (String given : precisions) {
            int equals = given.indexOf('=');
            if (equals < 0) {
                models.keySet().forEach(name -> chosen.putIfAbsent(name, given));
            } else if (models.containsKey(given.substring(0, equals))) {
                chosen.put(given.substring(0, equals), given.substring(equals + 1));
            } else {
                throw usage("--precision " + given + ": there is no --model of that name");
            }
        }
        return chosen;
    }

    private Map<String, Path> folders(String option, Map<String, String> given) {
        var folders = new LinkedHashMap<String, Path>();
        given.forEach((name, path) -> {
            Path folder = shell.environment().resolve(path);
            if (!name.matches("[a-z0-9._-]{1,63}")) {
                throw usage(
                        option
                                + ": the name \""
                                + name
                                + "\" may hold a-z, 0-9, '.', '_' and '-' only");
            }
            if (!Files.isDirectory(folder)) {
                throw usage(option + ": there is no folder " + folder);
            }
            folders.put(name, folder);
        });
        return folders;
    }

    private int checkPort(String option, int value) {
        if (value < 0 || value > LARGEST_PORT) {
            throw usage(option + " is " + value + " but must be from 0 to " + LARGEST_PORT);
        }
        return value;
    }

    private RuntimeException usage(String message) {
        if (spec == null) {
            return new IllegalStateException(message);
        }
        return new ParameterException(spec.commandLine(), message);
    }
}
