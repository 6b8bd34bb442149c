package dev.plumbline.cli.command;

import dev.plumbline.cli.output.Json;
import dev.plumbline.cli.output.Table;
import dev.plumbline.cli.server.References;
import dev.plumbline.cli.server.Session;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.client.PlumblineClient;
import dev.plumbline.v1.Adapter;
import dev.plumbline.v1.ListAdaptersResponse;
import dev.plumbline.v1.UnloadAdapterResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The LoRA adapters of a server. */
@Command(
        name = "adapters",
        description = "The LoRA adapters of a server.",
        footer = {"", "Example:", "  ./plumbline adapters list"})
public final class AdaptersCommand implements Runnable {
    private static final String COLLECTION = "adapters/";

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    private final Shell shell;

    public AdaptersCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public void run() {
        throw Collection.missingVerb(spec);
    }

    @Command(
            description = "List the loaded adapters.",
            footer = {"", "Example:", "  ./plumbline adapters list --json"})
    int list(@Mixin CommonOptions common) throws IOException {
        return new Collection(shell, common).print(AdaptersCommand::all, this::table);
    }

    private static ListAdaptersResponse all(PlumblineClient client) {
        return ListAdaptersResponse.newBuilder().addAllAdapters(client.adapters().list()).build();
    }

    private void table(ListAdaptersResponse adapters) {
        var table = new Table("name", "model", "rank", "alpha", "folder");
        for (Adapter adapter : adapters.getAdaptersList()) {
            table.row(
                    adapter.getName(),
                    adapter.getModel(),
                    adapter.getRank(),
                    adapter.getAlpha(),
                    adapter.getPath());
        }
        table.print(shell.out());
    }

    @Command(
            description = "Show one adapter.",
            footer = {
                "",
                "Example, after ./plumbline adapters load into a server that stays up:",
                "  ./plumbline adapters get adapter"
            })
    int get(
            @Mixin CommonOptions common,
            @Parameters(paramLabel = "NAME", description = "For example cured.") String name)
            throws IOException {
        return new Collection(shell, common)
                .print(client -> client.adapters().get(References.name(name, COLLECTION)));
    }

    @Command(
            description = "Put a PEFT folder on the server's disk live.",
            footer = {
                "",
                "Example, from the repository's folder:",
                "  ./plumbline adapters load --model eval-harness/demo/llava eval-harness/demo/adapter"
            })
    int load(
            @Mixin CommonOptions common,
            @Option(
                            names = "--model",
                            required = true,
                            paramLabel = "NAME|DIR",
                            description = "The model it was made for.")
                    String model,
            @Parameters(paramLabel = "DIR", description = "The folder.") String folder,
            @Option(names = "--name", description = "By default the folder's.")
                    @Nullable String name)
            throws IOException {
        var references = new References(model, null);
        String path = shell.environment().resolve(folder).toString();
        try (Session session = common.connect(shell, references)) {
            var names = references.resolve(shell.environment(), session.client());
            Adapter adapter =
                    session.client().adapters().load(names.model(), path, name == null ? "" : name);
            if (common.json()) {
                Json.printResource(shell.out(), adapter);
            } else {
                table(ListAdaptersResponse.newBuilder().addAdapters(adapter).build());
            }
        }
        return 0;
    }

    @Command(
            description = "Take an adapter out of memory.",
            footer = {
                "",
                "Example, after ./plumbline adapters load into a server that stays up:",
                "  ./plumbline adapters unload adapter"
            })
    int unload(
            @Mixin CommonOptions common,
            @Parameters(paramLabel = "NAME", description = "For example cured.") String name)
            throws IOException {
        String adapter = References.name(name, COLLECTION);
        return new Collection(shell, common)
                .print(
                        client -> {
                            client.adapters().unload(adapter);
                            return UnloadAdapterResponse.getDefaultInstance();
                        },
                        _ -> shell.say("Unloaded " + adapter));
    }
}
