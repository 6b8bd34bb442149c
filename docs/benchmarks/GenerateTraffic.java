import dev.plumbline.client.PlumblineClient;
import dev.plumbline.v1.GenerateRequest;
import dev.plumbline.v1.GenerateResponse;
import dev.plumbline.v1.Image;
import dev.plumbline.v1.Part;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Asks a server about pictures over gRPC, so many clients side by side, each one question after the
 * other, until standard input ends: {@code GenerateTraffic TARGET MODEL PICTURES CLIENTS}. Prints a
 * line for each answer: milliseconds since 1970, tokens, seconds, or what went wrong. Started by
 * training_soak.py, from its source.
 */
final class GenerateTraffic {
    private static final String QUESTION = "Describe the image.";
    private static final int TOKENS = 32;

    private final AtomicBoolean stopped = new AtomicBoolean();
    private final String model;
    private final List<Path> pictures;

    private GenerateTraffic(String model, List<Path> pictures) {
        this.model = model;
        this.pictures = pictures;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        List<Path> pictures;
        try (var files = Files.list(Path.of(arguments[2]))) {
            pictures = files.filter(Files::isRegularFile).sorted().toList();
        }
        var traffic = new GenerateTraffic(arguments[1], pictures);
        var threads = new Thread[Integer.parseInt(arguments[3])];
        for (int i = 0; i < threads.length; i++) {
            int client = i;
            threads[i] = Thread.ofPlatform().start(() -> traffic.ask(arguments[0], client));
        }
        while (System.in.read() >= 0) {
            // Whoever started this closes the stream at the end.
        }
        traffic.stopped.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void ask(String target, int client) {
        try (var plumbline = PlumblineClient.connect(target)) {
            for (int i = client; !stopped.get(); i++) {
                long start = System.nanoTime();
                String told;
                try {
                    told = "tokens " + answer(plumbline, pictures.get(i % pictures.size()));
                } catch (RuntimeException | IOException e) {
                    told = "error " + e.toString().replace('\n', ' ');
                }
                double seconds = (System.nanoTime() - start) / 1e9;
                System.out.println(System.currentTimeMillis() + " " + seconds + " " + told);
            }
        }
    }

    private int answer(PlumblineClient plumbline, Path picture) throws IOException {
        var image = Image.newBuilder().setData(ByteString.copyFrom(Files.readAllBytes(picture)));
        var request =
                GenerateRequest.newBuilder()
                        .setModel(model)
                        .addParts(Part.newBuilder().setImage(image))
                        .addParts(Part.newBuilder().setText(QUESTION))
                        .setMaxNewTokens(TOKENS)
                        .build();
        int tokens = 0;
        try (var responses = plumbline.generate(request)) {
            while (responses.hasNext()) {
                GenerateResponse response = responses.next();
                tokens += response.getTokenIdsCount();
            }
        }
        if (tokens == 0) {
            throw new IllegalStateException("an answer without tokens");
        }
        return tokens;
    }
}
