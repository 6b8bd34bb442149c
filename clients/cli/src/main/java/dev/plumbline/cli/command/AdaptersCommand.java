package dev.plumbline.cli.command;

import dev.plumbline.cli.output.Json;
import dev.plumbline.cli.output.Table;
import dev.plumbline.cli.server.References;
import dev.plumbline.cli.server.Session;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.client.PlumblineClient;
import dev.plumbline.v1.Adapter;
import dev.plumbline.v1.DeleteAdapterResponse;
import dev.plumbline.v1.ListAdaptersResponse;
import dev.plumbline.v1.UnloadAdapterResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
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
        subcommands = {AdapterLoadCommand.class, AdapterVerifyCommand.class},
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
            description = "List the adapters that the server keeps.",
            footer = {"", "Example:", "  ./plumbline adapters list --json"})
    int list(@Mixin CommonOptions common) throws IOException {
        return new Collection(shell, common).print(AdaptersCommand::all, this::table);
    }

    private static ListAdaptersResponse all(PlumblineClient client) {
        return ListAdaptersResponse.newBuilder().addAllAdapters(client.adapters().list()).build();
    }

    private void table(ListAdaptersResponse adapters) {
        var table =
                new Table("name", "state", "model", "rank", "alpha", "mean |Δ log p|", "folder");
        for (Adapter adapter : adapters.getAdaptersList()) {
            table.row(
                    adapter.getName(),
                    adapter.getState().name().toLowerCase(Locale.ROOT),
                    adapter.getModel(),
                    adapter.getRank(),
                    adapter.getAlpha(),
                    adapter.hasEffect() ? "%.4g".formatted(adapter.getEffect().getMean()) : "",
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
            description = {
                "Take an adapter out of use and delete the server's copy. Its folder elsewhere stays."
            },
            footer = {
                "",
                "Example, after ./plumbline adapters load into a server that stays up:",
                "  ./plumbline adapters delete adapter"
            })
    int delete(
            @Mixin CommonOptions common,
            @Parameters(paramLabel = "NAME", description = "For example cured.") String name)
            throws IOException {
        String adapter = References.name(name, COLLECTION);
        return new Collection(shell, common)
                .print(
                        client -> {
                            client.adapters().delete(adapter);
                            return DeleteAdapterResponse.getDefaultInstance();
                        },
                        _ -> shell.say("Deleted " + adapter));
    }

    @Command(
            description = "Write an adapter that the server keeps into a new folder.",
            footer = {
                "",
                "Example, after ./plumbline adapters load into a server that stays up:",
                "  ./plumbline adapters download adapter downloaded"
            })
    int download(
            @Mixin CommonOptions common,
            @Parameters(paramLabel = "NAME", description = "For example cured.") String name,
            @Parameters(paramLabel = "DIR", description = "The folder, which must not exist.")
                    String folder)
            throws IOException {
        Path target = shell.environment().resolve(folder);
        String adapter = References.name(name, COLLECTION);
        try (Session session = common.connect(shell)) {
            session.client().adapters().download(adapter, target);
        }
        if (common.json()) {
            Json.print(
                    shell.out(),
                    Json.object().put("adapter", adapter).put("folder", target.toString()));
        } else {
            shell.say("%s is in %s".formatted(adapter, target));
        }
        return 0;
    }

    @Command(
            description = {
                "Send a PEFT folder to the server, which keeps it. ./plumbline adapters load puts it"
                        + " live."
            },
            footer = {
                "",
                "Example, from the repository's folder:",
                "  ./plumbline adapters upload eval-harness/demo/adapter --name cured"
            })
    int upload(
            @Mixin CommonOptions common,
            @Parameters(paramLabel = "DIR", description = "A folder of this machine.")
                    String folder,
            @Option(names = "--name", required = true, description = "What the server calls it.")
                    String name)
            throws IOException {
        Path source = shell.environment().resolve(folder);
        try (Session session = common.connect(shell)) {
            show(common, session.client().adapters().upload(name, source));
        }
        return 0;
    }

    private void show(CommonOptions common, Adapter adapter) {
        if (common.json()) {
            Json.printResource(shell.out(), adapter);
        } else {
            table(ListAdaptersResponse.newBuilder().addAdapters(adapter).build());
        }
    }

    @Command(
            description = "Take an adapter out of use; the server keeps its copy.",
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
