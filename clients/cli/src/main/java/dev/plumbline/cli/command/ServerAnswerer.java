package dev.plumbline.cli.command;

import com.google.protobuf.ByteString;
import dev.plumbline.cli.server.References;
import dev.plumbline.client.PlumblineClient;
import dev.plumbline.eval.runner.Answerer;
import dev.plumbline.v1.GenerateRequest;
import dev.plumbline.v1.Image;
import dev.plumbline.v1.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Answers a benchmark's questions by asking a server, greedily. */
public record ServerAnswerer(PlumblineClient client, References.Names names) implements Answerer {
    @Override
    public String answer(Path image, String prompt, int maxNewTokens) throws IOException {
        var picture = Image.newBuilder().setData(ByteString.copyFrom(Files.readAllBytes(image)));
        var request =
                GenerateRequest.newBuilder()
                        .setModel(names.model())
                        .setAdapter(names.adapter())
                        .addParts(Part.newBuilder().setImage(picture))
                        .addParts(Part.newBuilder().setText(prompt))
                        .setMaxNewTokens(maxNewTokens)
                        .build();
        var text = new StringBuilder();
        try (var responses = client.generate(request)) {
            responses.forEachRemaining(response -> text.append(response.getText()));
        }
        return text.toString();
    }
}
