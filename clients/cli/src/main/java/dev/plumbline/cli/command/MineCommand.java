package dev.plumbline.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.cli.output.Json;
import dev.plumbline.cli.output.Table;
import dev.plumbline.cli.server.References;
import dev.plumbline.cli.server.Session;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.client.PlumblineClient;
import dev.plumbline.v1.MineNegativesRequest;
import dev.plumbline.v1.MinedNegatives;
import java.io.IOException;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Chooses negatives for the rows of a data set. */
@Command(
        name = "mine",
        description = "Choose negatives for the rows of a data set, and write them with it.",
        footer = {
            "",
            "Rows that have negatives keep them. A page to look at lies beside them.",
            "",
            "Example, from the repository's folder:",
            "  ./plumbline mine --data eval-harness/demo/data/preferences.jsonl \\",
            "    --pool eval-harness/demo/data/pool --clip eval-harness/demo/clip \\",
            "    --selector sae -k 3 --out /tmp/mined.jsonl"
        })
public final class MineCommand implements Callable<Integer> {
    @Mixin private CommonOptions common = new CommonOptions();
    @Mixin private SelectionOptions selection = new SelectionOptions();

    @Option(
            names = "--data",
            required = true,
            paramLabel = "ROWS|NAME",
            description =
                    "Preference rows in any known format, see docs/data.md; or datasets/NAME.")
    private String data = "";

    @Mixin private DataOptions rows = new DataOptions();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "FILE.jsonl or FILE.parquet.")
    private String out = "";

    @Option(
            names = "--model",
            paramLabel = "NAME|DIR",
            description = "Flags negatives on which this model finds the answer likelier.")
    private @Nullable String model;

    private final Shell shell;

    public MineCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        References references = new References(model, null).withClip(selection.clip());
        try (Session session = common.connect(shell, references)) {
            PlumblineClient client = session.client();
            var names = references.resolve(shell.environment(), client);
            var request =
                    MineNegativesRequest.newBuilder()
                            .setSelection(selection.spec(shell.environment(), names.clip()))
                            .setData(Rows.data(shell.environment(), data))
                            .setDataFormat(rows.format())
                            .setImages(rows.images(shell.environment()))
                            .setOnBadRow(rows.onBadRow())
                            .setOutput(shell.environment().resolve(out).toString())
                            .setModel(names.model())
                            .build();
            Mining mining = Mining.run(shell, client, request);
            print(mining.mined(), mining.page().toString());
        }
        return 0;
    }

    private void print(MinedNegatives mined, String report) {
        if (common.json()) {
            ObjectNode document =
                    Json.object()
                            .put("rows", mined.getRows())
                            .put("out", mined.getOutput())
                            .put("report", report);
            if (mined.getArtefactsCount() > 0) {
                document.put("artefact", mined.getArtefacts(0));
            } else {
                document.putNull("artefact");
            }
            Json.print(shell.out(), document);
            return;
        }
        var table = new Table("figure", "value");
        table.row("rows", mined.getRows());
        new TreeMap<>(mined.getFiguresMap())
                .forEach((name, value) -> table.row(name, "%.4f".formatted(value)));
        table.print(shell.out());
        shell.out().printf("%nmined    %s%nreport   %s%n", mined.getOutput(), report);
        mined.getArtefactsList().forEach(it -> shell.out().printf("artefact %s%n", it));
        shell.out().flush();
    }
}
