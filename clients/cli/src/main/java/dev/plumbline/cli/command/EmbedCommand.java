package dev.plumbline.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.cli.output.Json;
import dev.plumbline.cli.output.Table;
import dev.plumbline.cli.server.References;
import dev.plumbline.cli.server.Session;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.client.PlumblineClient;
import dev.plumbline.v1.EmbedRequest;
import dev.plumbline.v1.EmbedResponse;
import dev.plumbline.v1.Embedding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows pictures and texts as vectors of one space. */
@Command(
        name = "embed",
        description = "Show pictures and texts as vectors of one space, each of length 1.",
        footer = {
            "",
            "Without --json: how close they are to each other (cosine).",
            "",
            "Example, from the repository's folder:",
            "  ./plumbline embed --clip eval-harness/demo/clip --text \"a ball in a park\" \\",
            "    --image eval-harness/demo/data/test/images/0000.jpg \\",
            "    --image eval-harness/demo/data/test/images/0001.jpg"
        })
public final class EmbedCommand implements Callable<Integer> {
    /** In one call: the server takes no more of them than this by default. */
    private static final int IMAGES_PER_CALL = 64;

    @Mixin private CommonOptions common = new CommonOptions();
    @Mixin private ClipOption clip = new ClipOption();
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--image", paramLabel = "FILE", description = "A picture; repeatable.")
    private List<String> images = new ArrayList<>();

    @Option(names = "--text", paramLabel = "TEXT", description = "A text; repeatable.")
    private List<String> texts = new ArrayList<>();

    private final Shell shell;

    public EmbedCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws IOException {
        if (images.isEmpty() && texts.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "Give --image FILE, --text TEXT, or both.");
        }
        References references = References.ofClip(clip.clip());
        try (Session session = common.connect(shell, references)) {
            String model = references.resolve(shell.environment(), session.client()).clip();
            print(embed(session.client(), model));
        }
        return 0;
    }

    private EmbedResponse embed(PlumblineClient client, String model) throws IOException {
        var all = EmbedResponse.newBuilder();
        for (int start = 0; start < images.size(); start += IMAGES_PER_CALL) {
            int end = Math.min(start + IMAGES_PER_CALL, images.size());
            var request = EmbedRequest.newBuilder().setModel(model);
            request.addAllImages(Images.read(shell.environment(), images.subList(start, end)));
            all.addAllImages(client.embed(request.build()).getImagesList());
        }
        if (!texts.isEmpty()) {
            var request = EmbedRequest.newBuilder().setModel(model).addAllTexts(texts);
            all.addAllTexts(client.embed(request.build()).getTextsList());
        }
        return all.build();
    }

    private void print(EmbedResponse response) {
        if (common.json()) {
            ObjectNode document = Json.object();
            add(document.putArray("images"), "image", images, response.getImagesList());
            add(document.putArray("texts"), "text", texts, response.getTextsList());
            Json.print(shell.out(), document);
            return;
        }
        List<String> names = new ArrayList<>(images);
        names.addAll(texts);
        List<Embedding> all = new ArrayList<>(response.getImagesList());
        all.addAll(response.getTextsList());
        var table = new Table("cosine", "of", "and");
        for (int i = 0; i < all.size(); i++) {
            for (int j = 0; j < i; j++) {
                table.row(
                        "%.4f".formatted(cosine(all.get(i), all.get(j))),
                        names.get(j),
                        names.get(i));
            }
        }
        table.print(shell.out());
    }

    private static void add(
            ArrayNode array, String what, List<String> names, List<Embedding> embeddings) {
        for (int i = 0; i < names.size(); i++) {
            ObjectNode entry = array.addObject().put(what, names.get(i));
            ArrayNode values = entry.putArray("embedding");
            embeddings.get(i).getValuesList().forEach(values::add);
        }
    }

    private static double cosine(Embedding a, Embedding b) {
        double sum = 0;
        for (int i = 0; i < a.getValuesCount(); i++) {
            sum += (double) a.getValues(i) * b.getValues(i);
        }
        return sum;
    }
}
