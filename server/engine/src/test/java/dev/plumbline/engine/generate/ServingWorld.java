package dev.plumbline.engine.generate;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.ImageDecoder;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.model.ChatMessage;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.RuntimeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.assertj.core.api.Assertions;

/** A tiny model with two adapters and some pictures, and who asks it. */
final class ServingWorld implements AutoCloseable {
    static final Path RESOURCES = Path.of("src/test/resources");
    private static final List<String> FILES =
            List.of("dots-53x31.png", "blocks-28x28.png", "waves-97x130.jpg");

    private final Runtime runtime =
            Runtime.open(new RuntimeOptions(2, Optional.empty(), Path.of("target", "onnxruntime")));
    final LoadedModel model;
    final List<Optional<LoraAdapter>> adapters = new ArrayList<>();
    final List<Picture> pictures = new ArrayList<>();

    ServingWorld(Path cache) throws IOException {
        this(RESOURCES.resolve("llava/grouped-tied-f32/model"), cache);
        adapters.add(adapter("llava/grouped-tied-f32/adapter"));
        adapters.add(adapter("training/adapter"));
    }

    /** A fixture of another family, with its own adapter. */
    static ServingWorld of(String fixture, Path cache) throws IOException {
        var world = new ServingWorld(RESOURCES.resolve(fixture + "/model"), cache);
        world.adapters.add(world.adapter(fixture + "/adapter"));
        return world;
    }

    ServingWorld(Path checkpoint, Path cache) throws IOException {
        model = LoadedModel.load(checkpoint, cache, runtime);
        adapters.add(Optional.empty());
        for (String file : FILES) {
            byte[] bytes = Files.readAllBytes(RESOURCES.resolve("llava/images").resolve(file));
            pictures.add(ImageDecoder.decode(bytes, file));
        }
    }

    private Optional<LoraAdapter> adapter(String folder) {
        return Optional.of(LoraAdapter.read(model, RESOURCES.resolve(folder)));
    }

    /** What was asked, and whom. */
    record Request(
            List<ChatMessage> messages, Optional<LoraAdapter> adapter, SamplingOptions options) {}

    /** What was answered; {@code failure} is the reason where it did not come to its end. */
    record Told(List<Piece> pieces, Optional<Completion> completion, String failure) {
        List<Integer> ids() {
            return pieces.stream().flatMap(piece -> piece.tokenIds().stream()).toList();
        }
    }

    Request ask(String question, int picture, int adapter, SamplingOptions options) {
        List<Picture> seen = picture < 0 ? List.of() : List.of(pictures.get(picture));
        return new Request(
                List.of(ChatMessage.user(seen, question)), adapters.get(adapter), options);
    }

    static Told run(Generator generator, Request request, Cancellation cancellation) {
        return run(generator, request, cancellation, piece -> {});
    }

    static Told run(
            Generator generator,
            Request request,
            Cancellation cancellation,
            Consumer<Piece> listener) {
        List<Piece> pieces = new ArrayList<>();
        try {
            Completion completion =
                    generator.generate(
                            request.messages(),
                            request.adapter(),
                            request.options(),
                            cancellation,
                            piece -> {
                                pieces.add(piece);
                                listener.accept(piece);
                            });
            return new Told(pieces, Optional.of(completion), "");
        } catch (PlumblineException e) {
            return new Told(pieces, Optional.empty(), e.reason());
        }
    }

    /** Limits for a test: enough memory, and a chunk that splits most prompts. */
    ServingLimits limits(int slots, int queue, int chunk, boolean prefixes) {
        long context = model.contextLength() * model.facts().cacheBytesPerToken();
        return new ServingLimits(slots, slots * context, prefixes ? 1 << 22 : 0, chunk, queue);
    }

    /** What ONNX Runtime holds for us; bindings among it. */
    long liveHandles() {
        return runtime.liveHandles();
    }

    @Override
    public void close() {
        model.close();
        runtime.close();
        Assertions.assertThat(runtime.liveHandles()).as("live handles").isZero();
    }
}
