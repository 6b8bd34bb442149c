package dev.plumbline.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.cli.output.Json;
import dev.plumbline.cli.output.Table;
import dev.plumbline.cli.server.References;
import dev.plumbline.cli.server.Session;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.v1.PreviewNegativesRequest;
import dev.plumbline.v1.PreviewNegativesResponse;
import dev.plumbline.v1.PreviewedNegative;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the negatives of one row, before anything is written. */
@Command(
        name = "preview",
        description = "Show the negatives of one row, before a training hour is spent.",
        footer = {
            "",
            "Example, from the repository's folder:",
            "  ./plumbline preview --pool eval-harness/demo/data/pool \\",
            "    --clip eval-harness/demo/clip --selector random -k 3 \\",
            "    --image eval-harness/demo/data/images/0000.jpg \\",
            "    --prompt \"Describe the image in detail.\" --answer \"There is a ball.\""
        })
public final class PreviewCommand implements Callable<Integer> {
    @Mixin private CommonOptions common = new CommonOptions();
    @Mixin private SelectionOptions selection = new SelectionOptions();

    @Option(
            names = "--image",
            required = true,
            paramLabel = "FILE",
            description = "The picture that the answer fits.")
    private String image = "";

    @Option(
            names = "--prompt",
            required = true,
            paramLabel = "TEXT",
            description = "What was asked.")
    private String prompt = "";

    @Option(
            names = "--answer",
            required = true,
            paramLabel = "TEXT",
            description = "The answer that the negatives must not fit.")
    private String answer = "";

    @Option(
            names = "--data",
            paramLabel = "ROWS|NAME",
            description = "Rows that a selector may be fitted on.")
    private @Nullable String data;

    private final Shell shell;

    public PreviewCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        References references = References.NONE.withClip(selection.clip());
        try (Session session = common.connect(shell, references)) {
            var names = references.resolve(shell.environment(), session.client());
            var request =
                    PreviewNegativesRequest.newBuilder()
                            .setSelection(selection.spec(shell.environment(), names.clip()))
                            .setImage(Images.read(shell.environment(), List.of(image)).getFirst())
                            .setPrompt(prompt)
                            .setAnswer(answer);
            Optional.ofNullable(data)
                    .ifPresent(it -> request.setData(Rows.data(shell.environment(), it)));
            PreviewNegativesResponse preview =
                    session.client().negatives().preview(request.build());
            print(preview);
            preview.getNotesList().forEach(note -> shell.say(meaning(note)));
        }
        return 0;
    }

    private static String meaning(String note) {
        return switch (note) {
            case "fitted_on_other_rows" ->
                    "Note: fitted_on_other_rows: what the selector learned was learned on other rows;"
                            + " give yours by --data";
            case "poor_fit" ->
                    "Note: poor_fit: what the selector learned explains little, so that its scores say"
                            + " little; give more rows by --data";
            default -> "Note: " + note;
        };
    }

    private void print(PreviewNegativesResponse preview) {
        if (common.json()) {
            ArrayNode negatives = Json.array();
            preview.getNegativesList().forEach(it -> negatives.add(json(it)));
            ObjectNode document = Json.object();
            document.set("negatives", negatives);
            Json.print(shell.out(), document);
            return;
        }
        var table = new Table("image", "score", "risk", "latents");
        for (PreviewedNegative negative : preview.getNegativesList()) {
            table.row(
                    negative.getImage(),
                    "%.4f".formatted(negative.getScore()),
                    negative.hasFalseNegativeRisk()
                            ? "%.3f".formatted(negative.getFalseNegativeRisk())
                            : "",
                    negative.getLatentsList().stream()
                            .limit(3)
                            .map(it -> "%d: %.3f".formatted(it.getIndex(), it.getActivation()))
                            .toList());
        }
        table.print(shell.out());
    }

    private static ObjectNode json(PreviewedNegative negative) {
        ObjectNode entry =
                Json.object().put("image", negative.getImage()).put("score", negative.getScore());
        if (negative.hasLogQ()) {
            entry.put("log_q", negative.getLogQ());
        } else {
            entry.putNull("log_q");
        }
        entry.put("log_weight", negative.getLogWeight()).put("selector", negative.getSelector());
        if (negative.hasFalseNegativeRisk()) {
            entry.put("false_negative_risk", negative.getFalseNegativeRisk());
        } else {
            entry.putNull("false_negative_risk");
        }
        ArrayNode latents = entry.putArray("latents");
        negative.getLatentsList()
                .forEach(it ->
                        latents.addObject()
                                .put("index", it.getIndex())
                                .put("activation", it.getActivation()));
        return entry;
    }
}
