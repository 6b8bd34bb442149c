package dev.plumbline.cli.command;

import dev.plumbline.cli.output.Table;
import dev.plumbline.cli.server.References;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.client.PlumblineClient;
import dev.plumbline.v1.ListModelsResponse;
import dev.plumbline.v1.LoadModelRequest;
import dev.plumbline.v1.Model;
import dev.plumbline.v1.UnloadModelResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The models of a server. */
@Command(
        name = "models",
        description = "The models of a server.",
        footer = {"", "Example:", "  ./plumbline models list"})
public final class ModelsCommand implements Runnable {
    private static final String COLLECTION = "models/";

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    private final Shell shell;

    public ModelsCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public void run() {
        throw Collection.missingVerb(spec);
    }

    @Command(
            description = "List the loaded models.",
            footer = {"", "Example:", "  ./plumbline models list --json"})
    int list(@Mixin CommonOptions common) throws IOException {
        return new Collection(shell, common).print(ModelsCommand::all, this::table);
    }

    private static ListModelsResponse all(PlumblineClient client) {
        return ListModelsResponse.newBuilder().addAllModels(client.models().list()).build();
    }

    private void table(ListModelsResponse models) {
        var table = new Table("name", "family", "parameters", "precision", "context", "folder");
        for (Model model : models.getModelsList()) {
            table.row(
                    model.getName(),
                    model.getFamily(),
                    model.getParameters(),
                    model.getPrecision(),
                    model.getContextLength(),
                    model.getPath());
        }
        table.print(shell.out());
    }

    @Command(
            description = "Show one model.",
            footer = {
                "",
                "Example, beside ./plumbline serve --model llava=eval-harness/demo/llava:",
                "  ./plumbline models get llava"
            })
    int get(
            @Mixin CommonOptions common,
            @Parameters(paramLabel = "NAME", description = "For example llava.") String name)
            throws IOException {
        return new Collection(shell, common)
                .print(client -> client.models().get(References.name(name, COLLECTION)));
    }

    @Command(
            description = "Load a Hugging Face folder on the server's disk.",
            footer = {
                "",
                "Example, from the repository's folder:",
                "  ./plumbline models load eval-harness/demo/llava --precision int4 --plan"
            })
    int load(
            @Mixin CommonOptions common,
            @Parameters(paramLabel = "DIR", description = "The folder.") String folder,
            @Option(names = "--name", description = "By default the folder's.")
                    @Nullable String name,
            @Mixin PrecisionOption precision,
            @Option(
                            names = "--context-length",
                            paramLabel = "TOKENS",
                            defaultValue = "0",
                            description =
                                    "Room for prompt, pictures and answer; by default what the"
                                            + " model was made for.")
                    int contextLength,
            @Option(names = "--plan", description = "Only say what it would need.") boolean plan)
            throws IOException {
        var request =
                LoadModelRequest.newBuilder()
                        .setPath(shell.environment().resolve(folder).toString())
                        .setModelId(name == null ? "" : name)
                        .setPrecision(precision.text())
                        .setContextLength(contextLength)
                        .setValidateOnly(plan)
                        .build();
        return new Collection(shell, common).print(client -> client.models().load(request));
    }

    @Command(
            description = "Take a model out of memory.",
            footer = {
                "",
                "Example, beside ./plumbline serve --model llava=eval-harness/demo/llava:",
                "  ./plumbline models unload llava"
            })
    int unload(
            @Mixin CommonOptions common,
            @Parameters(paramLabel = "NAME", description = "For example llava.") String name)
            throws IOException {
        String model = References.name(name, COLLECTION);
        return new Collection(shell, common)
                .print(
                        client -> {
                            client.models().unload(model);
                            return UnloadModelResponse.getDefaultInstance();
                        },
                        _ -> shell.say("Unloaded " + model));
    }
}
