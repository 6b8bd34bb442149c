package dev.plumbline.cli.command;

import dev.plumbline.cli.output.Table;
import dev.plumbline.cli.server.References;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.client.PlumblineClient;
import dev.plumbline.client.PlumblineClientException;
import dev.plumbline.v1.InstalledPlugin;
import dev.plumbline.v1.ListPluginsResponse;
import dev.plumbline.v1.Plugin;
import dev.plumbline.v1.PluginOption;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        description = {
            "What is plugged into a server: selectors and losses. They change while it runs: calls in"
                    + " flight finish on the old version, new ones get the new one at once."
        },
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
        return ListPluginsResponse.newBuilder().addAllPlugins(client.plugins().list()).build();
    }

    private void table(ListPluginsResponse plugins) {
        var table = new Table("name", "kind", "version", "plugin", "from", "options");
        for (Plugin plugin : plugins.getPluginsList()) {
            String options =
                    plugin.getOptionsList().stream()
                            .map(PluginOption::getName)
                            .collect(Collectors.joining(", "));
            table.row(
                    plugin.getName(),
                    plugin.getKind(),
                    plugin.getVersion(),
                    plugin.getPluginId(),
                    origin(plugin),
                    options);
        }
        table.print(shell.out());
    }

    private static String origin(Plugin plugin) {
        if (plugin.getBundled()) {
            return "server";
        }
        return plugin.getOverridesBundled() ? "installed, replaces the server's" : "installed";
    }

    @Command(
            description = "Show one plugin and its options.",
            footer = {"", "Example:", "  ./plumbline plugins get random"})
    int get(
            @Mixin CommonOptions common,
            @Parameters(paramLabel = "NAME", description = "For example random.") String name)
            throws IOException {
        return new Collection(shell, common)
                .print(client -> find(client, References.name(name, COLLECTION)), this::tell);
    }

    private void tell(Plugin plugin) {
        var about = new Table("field", "value");
        about.row("name", plugin.getName());
        about.row("kind", plugin.getKind());
        about.row("plugin", plugin.getPluginId());
        about.row("version", plugin.getVersion());
        about.row("from", origin(plugin));
        about.print(shell.out());
        shell.out().println();
        var options = new Table("option", "type", "values", "default", "help");
        for (PluginOption option : plugin.getOptionsList()) {
            options.row(
                    option.getName(),
                    option.getType(),
                    values(option),
                    option.getDefaultValue(),
                    option.getHelp());
        }
        options.print(shell.out());
    }

    private static String values(PluginOption option) {
        if (option.getChoicesCount() > 0) {
            return String.join(", ", option.getChoicesList());
        }
        String least = option.hasMinimum() ? bound(option.getMinimum()) : "";
        String most = option.hasMaximum() ? bound(option.getMaximum()) : "";
        return least.isEmpty() && most.isEmpty() ? "" : least + " … " + most;
    }

    private static String bound(double bound) {
        boolean whole = bound == Math.rint(bound) && Math.abs(bound) < 1e15;
        return whole ? Long.toString((long) bound) : Double.toString(bound);
    }

    private static Plugin find(PlumblineClient client, String name) {
        var plugins = client.plugins().list();
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

    @Command(
            description = {
                "Install a plugin's jar, or a new version of it. It is checked before anything is"
                        + " replaced, and kept under $PLUMBLINE_HOME/plugins of the server."
            },
            footer = {
                "",
                "Example, with the template of docs/plugin-template built:",
                "  ./plumbline plugins install target/my-plugin-1.0.0.jar"
            })
    int install(
            @Mixin CommonOptions common,
            @Parameters(paramLabel = "JAR", description = "A file of this machine.") String jar,
            @Option(
                            names = "--on-server",
                            description = "JAR is a path on the server's disk: nothing is sent.")
                    boolean onServer)
            throws IOException {
        Path file = shell.environment().resolve(jar);
        if (!onServer && !Files.isRegularFile(file)) {
            throw new PlumblineClientException(
                    Status.Code.NOT_FOUND,
                    "FILE_NOT_FOUND",
                    "there is no file %s".formatted(file),
                    Map.of("file", file.toString()));
        }
        return new Collection(shell, common)
                .print(
                        client ->
                                onServer
                                        ? client.plugins().installFromServer(jar)
                                        : send(client, file),
                        this::tell);
    }

    private static InstalledPlugin send(PlumblineClient client, Path jar) {
        try {
            return client.plugins().install(jar);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Command(
            description = "Have the server read a plugin's jar again.",
            footer = {"", "Example:", "  ./plumbline plugins reload selector-random"})
    int reload(
            @Mixin CommonOptions common,
            @Parameters(
                            paramLabel = "NAME",
                            description = "The plugin's id, or the name of what it offers.")
                    String name)
            throws IOException {
        return new Collection(shell, common)
                .print(client -> client.plugins().reload(name), this::tell);
    }

    private void tell(InstalledPlugin installed) {
        String replaced = installed.getReplacedVersion();
        shell.say(
                "%s %s is in use%s: %s"
                        .formatted(
                                installed.getPluginId(),
                                installed.getVersion(),
                                replaced.isEmpty() ? "" : " in the place of " + replaced,
                                installed.getPluginsList().stream()
                                        .map(p -> p.getKind() + " " + p.getName())
                                        .collect(Collectors.joining(", "))));
    }

    @Command(
            description = {
                "Take an installed plugin away. One that came with the server, and that it replaced,"
                        + " is back."
            },
            footer = {"", "Example:", "  ./plumbline plugins uninstall my-plugin"})
    int uninstall(
            @Mixin CommonOptions common,
            @Parameters(
                            paramLabel = "NAME",
                            description = "The plugin's id, or the name of what it offers.")
                    String name)
            throws IOException {
        return new Collection(shell, common)
                .print(
                        client -> client.plugins().uninstall(name),
                        gone ->
                                shell.say(
                                        gone.getRestoredVersion().isEmpty()
                                                ? name + " is gone"
                                                : "%s is gone, version %s of the server is back"
                                                        .formatted(
                                                                name, gone.getRestoredVersion())));
    }
}
