package dev.plumbline.cli.command;

import dev.plumbline.cli.output.Table;
import dev.plumbline.cli.server.References;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.client.PlumblineClient;
import dev.plumbline.v1.Dataset;
import dev.plumbline.v1.DatasetStart;
import dev.plumbline.v1.DeleteDatasetResponse;
import dev.plumbline.v1.ListDatasetsResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The data sets that a server knows by name. */
@Command(
        name = "datasets",
        description = "The data sets that a server knows by name.",
        footer = {"", "Example:", "  ./plumbline datasets list"})
public final class DatasetsCommand implements Runnable {
    private static final String COLLECTION = "datasets/";

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    private final Shell shell;

    public DatasetsCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public void run() {
        throw Collection.missingVerb(spec);
    }

    @Command(
            description = "List all data sets.",
            footer = {"", "Example:", "  ./plumbline datasets list --json"})
    int list(@Mixin CommonOptions common) throws IOException {
        return new Collection(shell, common).print(DatasetsCommand::all, this::table);
    }

    private static ListDatasetsResponse all(PlumblineClient client) {
        return ListDatasetsResponse.newBuilder().addAllDatasets(client.datasets().list()).build();
    }

    private void table(ListDatasetsResponse datasets) {
        var table = new Table("name", "rows", "path");
        for (Dataset dataset : datasets.getDatasetsList()) {
            table.row(dataset.getName(), dataset.getRows(), dataset.getPath());
        }
        table.print(shell.out());
    }

    @Command(
            description = "Show one data set.",
            footer = {"", "Example:", "  ./plumbline datasets get demo"})
    int get(
            @Mixin CommonOptions common,
            @Parameters(paramLabel = "NAME", description = "For example datasets/demo.")
                    String name)
            throws IOException {
        return new Collection(shell, common)
                .print(client -> client.datasets().get(References.name(name, COLLECTION)));
    }

    @Command(
            description = "Give a file of rows a name.",
            footer = {
                "",
                "Example, from the repository's folder:",
                "  ./plumbline datasets create demo eval-harness/demo/data/preferences.jsonl"
            })
    int create(
            @Mixin CommonOptions common,
            @Parameters(paramLabel = "NAME", description = "For example demo.") String name,
            @Parameters(paramLabel = "ROWS", description = "In any known format, see docs/data.md.")
                    String rows,
            @Mixin DataOptions options)
            throws IOException {
        String path = shell.environment().resolve(rows).toString();
        String id = name.startsWith(COLLECTION) ? name.substring(COLLECTION.length()) : name;
        var start =
                DatasetStart.newBuilder()
                        .setDatasetId(id)
                        .setPath(path)
                        .setDataFormat(options.format())
                        .setImages(options.images(shell.environment()))
                        .setOnBadRow(options.onBadRow())
                        .build();
        return new Collection(shell, common).print(client -> client.datasets().create(start));
    }

    @Command(
            description = "Forget a data set; rows that were sent are deleted, a file stays.",
            footer = {"", "Example:", "  ./plumbline datasets delete demo"})
    int delete(
            @Mixin CommonOptions common,
            @Parameters(paramLabel = "NAME", description = "For example datasets/demo.")
                    String name)
            throws IOException {
        return new Collection(shell, common)
                .print(client -> {
                    client.datasets().delete(References.name(name, COLLECTION));
                    return DeleteDatasetResponse.getDefaultInstance();
                });
    }
}
