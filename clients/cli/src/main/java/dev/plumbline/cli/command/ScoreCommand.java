package dev.plumbline.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.cli.output.Json;
import dev.plumbline.cli.output.Table;
import dev.plumbline.cli.server.Session;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.v1.AnswerScore;
import dev.plumbline.v1.ScoreRequest;
import dev.plumbline.v1.ScoreResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says how likely an answer is, given each of several pictures. */
@Command(
        name = "score",
        description = "Say how likely an answer is, given each of several pictures.",
        footer = {
            "",
            "Example, from the repository's folder:",
            "  ./plumbline score --model eval-harness/demo/llava \\",
            "    --prompt \"Is there a ball in the image?\" --answer Yes \\",
            "    --image eval-harness/demo/data/test/images/0000.jpg \\",
            "    --image eval-harness/demo/data/test/images/0001.jpg"
        })
public final class ScoreCommand implements Callable<Integer> {
    @Mixin private CommonOptions common = new CommonOptions();
    @Mixin private ModelOptions model = new ModelOptions();

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            required = true,
            description = "What the user says.")
    private String prompt = "";

    @Option(
            names = "--answer",
            paramLabel = "TEXT",
            required = true,
            description = "The answer to be scored.")
    private String answer = "";

    @Option(
            names = "--image",
            paramLabel = "FILE",
            description = "A picture; repeatable, one score each. Without one: the text alone.")
    private List<String> images = new ArrayList<>();

    private final Shell shell;

    public ScoreCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        var request =
                ScoreRequest.newBuilder()
                        .setPrompt(prompt)
                        .setAnswer(answer)
                        .addAllImages(Images.read(shell.environment(), images));
        try (Session session = common.connect(shell, model.references())) {
            var names = model.references().resolve(shell.environment(), session.client());
            request.setModel(names.model()).setAdapter(names.adapter());
            print(session.client().score(request.build()));
        }
        return 0;
    }

    private void print(ScoreResponse response) {
        if (common.json()) {
            Json.print(shell.out(), document(response));
            return;
        }
        var table = new Table("log p(answer)", "tokens", "image");
        for (int i = 0; i < response.getScoresCount(); i++) {
            AnswerScore score = response.getScores(i);
            table.row(
                    "%.4f".formatted(score.getSum()),
                    score.getTokenIdsCount(),
                    images.isEmpty() ? "none" : images.get(i));
        }
        table.print(shell.out());
    }

    private ObjectNode document(ScoreResponse response) {
        ObjectNode document = Json.object();
        ArrayNode scores = document.putArray("scores");
        for (int i = 0; i < response.getScoresCount(); i++) {
            AnswerScore score = response.getScores(i);
            ObjectNode entry =
                    scores.addObject().put("image", images.isEmpty() ? null : images.get(i));
            entry.set("token_ids", Json.integers(score.getTokenIdsList()));
            entry.set("token_logprobs", Json.numbers(score.getTokenLogprobsList()));
            entry.put("sum", score.getSum());
        }
        return document;
    }
}
