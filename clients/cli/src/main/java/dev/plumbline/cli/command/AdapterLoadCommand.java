package dev.plumbline.cli.command;

import dev.plumbline.cli.output.Json;
import dev.plumbline.cli.output.Table;
import dev.plumbline.cli.server.References;
import dev.plumbline.cli.server.Session;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.v1.Adapter;
import dev.plumbline.v1.LoadAdapterRequest;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Puts an adapter live. */
@Command(
        name = "load",
        description = {
            "Put an adapter live. The server keeps a copy, and has it again after a restart. Refused"
                    + " where its tensors do not fit the model, or change nothing."
        },
        footer = {
            "",
            "Example, from the repository's folder:",
            "  ./plumbline adapters load --model eval-harness/demo/llava eval-harness/demo/adapter"
        })
public final class AdapterLoadCommand implements Callable<Integer> {
    @Mixin private CommonOptions common = new CommonOptions();

    @Option(
            names = "--model",
            required = true,
            paramLabel = "NAME|DIR",
            description = "The model it was made for.")
    private String model = "";

    @Parameters(
            paramLabel = "DIR|NAME",
            description = "A folder of the server's disk, adapters/ID of an upload, or runs/ID.")
    private String source = "";

    @Option(names = "--name", description = "By default the source's.")
    private String name = "";

    @Option(names = "--allow-no-effect", description = "Take an adapter that changes nothing, too.")
    private boolean allowNoEffect;

    @Option(
            names = "--temporary",
            description = "Keep no copy: gone when it is unloaded or the server ends.")
    private boolean temporary;

    private final Shell shell;

    public AdapterLoadCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        try (Session session = common.connect(shell, new References(model, null))) {
            var names = new References(model, null).resolve(shell.environment(), session.client());
            var given = AdapterSource.of(shell.environment(), source);
            Adapter adapter =
                    session.client()
                            .adapters()
                            .load(
                                    LoadAdapterRequest.newBuilder()
                                            .setModel(names.model())
                                            .setPath(given.path())
                                            .setSource(given.name())
                                            .setAdapterId(name)
                                            .setAllowNoEffect(allowNoEffect)
                                            .setTemporary(temporary)
                                            .build());
            if (common.json()) {
                Json.printResource(shell.out(), adapter);
            } else {
                tell(adapter);
            }
        }
        return 0;
    }

    private void tell(Adapter adapter) {
        var table = new Table("name", "model", "rank", "alpha", "mean |Δ log p|", "max");
        table.row(
                adapter.getName(),
                adapter.getModel(),
                adapter.getRank(),
                adapter.getAlpha(),
                "%.4g".formatted(adapter.getEffect().getMean()),
                "%.4g".formatted(adapter.getEffect().getMax()));
        table.print(shell.out());
    }
}
