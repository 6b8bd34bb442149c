package dev.plumbline.cli.command;

import dev.plumbline.cli.output.Table;
import dev.plumbline.cli.server.References;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.client.PlumblineClient;
import dev.plumbline.client.PlumblineClientException;
import dev.plumbline.v1.ListPluginsResponse;
import dev.plumbline.v1.Plugin;
import dev.plumbline.v1.PluginOption;
import io.grpc.Status;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What is plugged in. */
@Command(
        name = "plugins",
        description = "What is plugged into a server: selectors and losses.",
        footer = {"", "Example:", "  ./plumbline plugins list"})
public final class PluginsCommand implements Runnable {
    private static final String COLLECTION = "plugins/";

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    private final Shell shell;

    public PluginsCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public void run() {
        throw Collection.missingVerb(spec);
    }

    @Command(
            description = "List the plugins.",
            footer = {"", "Example:", "  ./plumbline plugins list --json"})
    int list(@Mixin CommonOptions common) throws IOException {
        return new Collection(shell, common).print(PluginsCommand::all, this::table);
    }

    private static ListPluginsResponse all(PlumblineClient client) {
        return ListPluginsResponse.newBuilder().addAllPlugins(client.listPlugins()).build();
    }

    private void table(ListPluginsResponse plugins) {
        var table = new Table("name", "kind", "version", "options");
        for (Plugin plugin : plugins.getPluginsList()) {
            String options =
                    plugin.getOptionsList().stream()
                            .map(PluginOption::getName)
                            .collect(Collectors.joining(", "));
            table.row(plugin.getName(), plugin.getKind(), plugin.getVersion(), options);
        }
        table.print(shell.out());
    }

    @Command(
            description = "Show one plugin and its options.",
            footer = {"", "Example:", "  ./plumbline plugins get random"})
    int get(
            @Mixin CommonOptions common,
            @Parameters(paramLabel = "NAME", description = "For example random.") String name)
            throws IOException {
        return new Collection(shell, common)
                .print(client -> find(client, References.name(name, COLLECTION)));
    }

    private static Plugin find(PlumblineClient client, String name) {
        var plugins = client.listPlugins();
        return StreamSupport.stream(plugins.spliterator(), false)
                .filter(plugin -> plugin.getName().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new PlumblineClientException(
                                Status.Code.NOT_FOUND,
                                "PLUGIN_NOT_FOUND",
                                "There is no " + name + ": see ./plumbline plugins list",
                                Map.of("plugin", name)));
    }
}
