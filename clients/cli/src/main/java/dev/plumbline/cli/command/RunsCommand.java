package dev.plumbline.cli.command;

import dev.plumbline.cli.output.Table;
import dev.plumbline.cli.server.References;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.client.PlumblineClient;
import dev.plumbline.v1.ListRunsResponse;
import dev.plumbline.v1.Run;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The training runs of a server. */
@Command(
        name = "runs",
        description = "The training runs of a server.",
        footer = {"", "Example:", "  ./plumbline runs list"})
public final class RunsCommand implements Runnable {
    private static final String COLLECTION = "runs/";

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    private final Shell shell;

    public RunsCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public void run() {
        throw Collection.missingVerb(spec);
    }

    @Command(
            description = "List all runs.",
            footer = {"", "Example:", "  ./plumbline runs list --json"})
    int list(@Mixin CommonOptions common) throws IOException {
        return new Collection(shell, common).print(RunsCommand::all, this::table);
    }

    private static ListRunsResponse all(PlumblineClient client) {
        return ListRunsResponse.newBuilder().addAllRuns(client.runs().list()).build();
    }

    private void table(ListRunsResponse runs) {
        var table = new Table("name", "state", "steps", "loss", "adapter");
        for (Run run : runs.getRunsList()) {
            table.row(
                    run.getName(),
                    run.getState(),
                    run.getStepsDone() + "/" + run.getStepsTotal(),
                    run.hasLast() ? "%.4f".formatted(run.getLast().getLoss()) : "",
                    run.getAdapter());
        }
        table.print(shell.out());
    }

    @Command(
            description = "Show one run.",
            footer = {
                "",
                "Example, with the newest run:",
                "  ./plumbline runs get \"$(./plumbline runs list | sed -n 2p | cut -d ' ' -f 1)\""
            })
    int get(
            @Mixin CommonOptions common,
            @Parameters(paramLabel = "NAME", description = "For example runs/0197.") String name)
            throws IOException {
        return new Collection(shell, common)
                .print(client -> client.runs().get(References.name(name, COLLECTION)));
    }

    @Command(
            description = "Cancel a run.",
            footer = {
                "",
                "Example, with the newest run:",
                "  ./plumbline runs cancel \"$(./plumbline runs list | sed -n 2p | cut -d ' ' -f 1)\""
            })
    int cancel(
            @Mixin CommonOptions common,
            @Parameters(paramLabel = "NAME", description = "For example runs/0197.") String name)
            throws IOException {
        return new Collection(shell, common)
                .print(client -> client.runs().cancel(References.name(name, COLLECTION)));
    }

    @Command(
            description =
                    "Go on with a run that failed or was cancelled, from its newest checkpoint, and follow it until it ends; Ctrl-C cancels it.",
            footer = {
                "",
                "Example, with the newest run:",
                "  ./plumbline runs resume \"$(./plumbline runs list | sed -n 2p | cut -d ' ' -f 1)\""
            })
    int resume(
            @Mixin CommonOptions common,
            @Parameters(paramLabel = "NAME", description = "For example runs/0197.") String name)
            throws IOException {
        return new Collection(shell, common)
                .print(client -> {
                    Run run = client.runs().resume(References.name(name, COLLECTION));
                    return new RunWatcher(shell).finish(client.runs(), run);
                });
    }

    @Command(
            description = "Follow a run until it ends; Ctrl-C leaves it running.",
            footer = {
                "",
                "Example, with the newest run:",
                "  ./plumbline runs watch \"$(./plumbline runs list | sed -n 2p | cut -d ' ' -f 1)\""
            })
    int watch(
            @Mixin CommonOptions common,
            @Parameters(paramLabel = "NAME", description = "For example runs/0197.") String name)
            throws IOException {
        return new Collection(shell, common)
                .print(client ->
                        new RunWatcher(shell)
                                .follow(client.runs(), References.name(name, COLLECTION)));
    }
}
