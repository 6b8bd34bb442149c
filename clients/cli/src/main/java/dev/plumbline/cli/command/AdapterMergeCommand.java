package dev.plumbline.cli.command;

import dev.plumbline.cli.output.Json;
import dev.plumbline.cli.server.References;
import dev.plumbline.cli.server.Session;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.v1.MergeAdapterRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Puts an adapter into a model's weights. */
@Command(
        name = "merge",
        description = {
            "Write a model's folder anew with an adapter in its weights, in the types, names and"
                    + " shards of the model's own."
        },
        footer = {
            "",
            "Example, from the repository's folder:",
            "  ./plumbline adapters merge --model eval-harness/demo/llava \\",
            "    --adapter eval-harness/demo/adapter --out /tmp/merged"
        })
public final class AdapterMergeCommand implements Callable<Integer> {
    @Mixin private CommonOptions common = new CommonOptions();

    @Option(
            names = "--model",
            required = true,
            paramLabel = "NAME|DIR",
            description = "A loaded model, or a Hugging Face folder, which is not loaded.")
    private String model = "";

    @Option(
            names = "--adapter",
            required = true,
            paramLabel = "NAME|DIR",
            description = "adapters/ID, runs/ID, or a PEFT folder.")
    private String adapter = "";

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "The new folder, on the server's disk.")
    private String out = "";

    private final Shell shell;

    public AdapterMergeCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        var environment = shell.environment();
        var given = AdapterSource.of(environment, adapter);
        var request =
                MergeAdapterRequest.newBuilder()
                        .setSource(given.name())
                        .setPath(given.path())
                        .setOutput(environment.resolve(out).toString());
        if (Files.isDirectory(environment.resolve(model))) {
            request.setModelPath(environment.resolve(model).toString());
        } else {
            request.setModel(References.name(model, "models/"));
        }
        try (Session session = common.connect(shell)) {
            String folder = session.client().adapters().merge(request.build());
            if (common.json()) {
                Json.print(shell.out(), Json.object().put("model", folder));
            } else {
                shell.say("The merged model is in " + folder);
            }
        }
        return 0;
    }
}
