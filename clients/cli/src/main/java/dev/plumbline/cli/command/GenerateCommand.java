package dev.plumbline.cli.command;

import dev.plumbline.cli.output.Json;
import dev.plumbline.cli.server.References;
import dev.plumbline.cli.server.Session;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.client.PlumblineClientException;
import dev.plumbline.v1.GenerateRequest;
import dev.plumbline.v1.Image;
import dev.plumbline.v1.Message;
import dev.plumbline.v1.Part;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Streams an answer about pictures. */
@Command(
        name = "generate",
        description = "Stream an answer about pictures.",
        footer = {
            "",
            "Example, from the repository's folder:",
            "  ./plumbline generate --model eval-harness/demo/llava \\",
            "    --image eval-harness/demo/data/test/images/0000.jpg --prompt \"Describe the image.\""
        })
public final class GenerateCommand implements Callable<Integer> {
    @Mixin private CommonOptions common = new CommonOptions();
    @Mixin private ModelOptions model = new ModelOptions();
    @Mixin private SamplingOptions sampling = new SamplingOptions();

    @Option(names = "--image", paramLabel = "FILE", description = "A picture; repeatable.")
    private List<String> images = new ArrayList<>();

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            required = true,
            description = "What the user says.")
    private String prompt = "";

    @Option(names = "--system", paramLabel = "TEXT", description = "What the system says first.")
    private @Nullable String system;

    private final Shell shell;

    public GenerateCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        List<Image> pictures = Images.read(shell.environment(), images);
        try (Session session = common.connect(shell, model.references())) {
            References.Names names =
                    model.references().resolve(shell.environment(), session.client());
            print(stream(session, request(names, pictures)));
        }
        return 0;
    }

    private GenerateRequest request(References.Names names, List<Image> pictures) {
        var request = sampling.request().setModel(names.model()).setAdapter(names.adapter());
        var parts = new ArrayList<Part>();
        pictures.forEach(picture -> parts.add(Part.newBuilder().setImage(picture).build()));
        parts.add(Part.newBuilder().setText(prompt).build());
        if (system == null) {
            return request.addAllParts(parts).build();
        }
        var instruction = Part.newBuilder().setText(system);
        return request.addMessages(Message.newBuilder().setRole("system").addParts(instruction))
                .addMessages(Message.newBuilder().setRole("user").addAllParts(parts))
                .build();
    }

    private Answer stream(Session session, GenerateRequest request) {
        var answer = new Answer();
        try (var responses = session.client().generate(request);
                var _ = shell.interruption().onInterrupt(responses::close)) {
            while (responses.hasNext()) {
                var response = responses.next();
                answer.add(response);
                if (!common.json()) {
                    shell.out().print(response.getText());
                    shell.out().flush();
                }
            }
        } catch (PlumblineClientException failure) {
            if (!shell.interruption().interrupted()) {
                throw failure;
            }
            answer.cancel();
        }
        return answer;
    }

    private void print(Answer answer) {
        if (common.json()) {
            Json.print(shell.out(), answer.document());
        } else {
            shell.out().println();
            shell.out().flush();
        }
    }
}
