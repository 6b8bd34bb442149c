package dev.plumbline.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.cli.output.Json;
import dev.plumbline.cli.server.References;
import dev.plumbline.cli.server.Session;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.v1.TokenizeRequest;
import dev.plumbline.v1.TokenizeResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the ids that go into the model. */
@Command(
        name = "tokenize",
        description = "Show the very ids that go into the model, image tokens expanded.",
        footer = {
            "",
            "Example, from the repository's folder:",
            "  ./plumbline tokenize --model eval-harness/demo/llava --prompt \"Describe the image.\" \\",
            "    --answer \"A dog.\" --image eval-harness/demo/data/test/images/0000.jpg"
        })
public final class TokenizeCommand implements Callable<Integer> {
    @Mixin private CommonOptions common = new CommonOptions();

    @Option(
            names = "--model",
            required = true,
            paramLabel = "NAME|DIR",
            description = "A loaded model, or a Hugging Face folder that the server then loads.")
    private String model = "";

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
            description = "The answer that follows.")
    private String answer = "";

    @Option(names = "--image", paramLabel = "FILE", description = "A picture; repeatable.")
    private List<String> images = new ArrayList<>();

    private final Shell shell;

    public TokenizeCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        var references = new References(model, null);
        var request =
                TokenizeRequest.newBuilder()
                        .setPrompt(prompt)
                        .setAnswer(answer)
                        .addAllImages(Images.read(shell.environment(), images));
        try (Session session = common.connect(shell, references)) {
            var names = references.resolve(shell.environment(), session.client());
            print(session.client().tokenize(request.setModel(names.model()).build()));
        }
        return 0;
    }

    private void print(TokenizeResponse response) {
        if (common.json()) {
            ObjectNode document = Json.object().put("prompt", response.getPrompt());
            document.set("input_ids", Json.integers(response.getInputIdsList()));
            Json.print(shell.out(), document.put("answer_start", response.getAnswerStart()));
            return;
        }
        shell.out().println("prompt        " + response.getPrompt());
        shell.out().println("input_ids     " + response.getInputIdsList());
        shell.out().println("answer_start  " + response.getAnswerStart());
        shell.out().flush();
    }
}
