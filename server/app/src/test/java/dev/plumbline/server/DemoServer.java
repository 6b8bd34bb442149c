package dev.plumbline.server;

import com.google.protobuf.ByteString;
import dev.plumbline.v1.Adapter;
import dev.plumbline.v1.AdapterServiceGrpc;
import dev.plumbline.v1.DeleteAdapterRequest;
import dev.plumbline.v1.GenerateRequest;
import dev.plumbline.v1.GenerateResponse;
import dev.plumbline.v1.GenerationServiceGrpc;
import dev.plumbline.v1.Image;
import dev.plumbline.v1.ListAdaptersRequest;
import dev.plumbline.v1.LoadModelRequest;
import dev.plumbline.v1.Model;
import dev.plumbline.v1.ModelServiceGrpc;
import dev.plumbline.v1.Part;
import dev.plumbline.v1.ScoreRequest;
import dev.plumbline.v1.TrainingServiceGrpc;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;

/** Calls to a running server that has the demo world's model. */
public final class DemoServer {
    public static final String MODEL = "models/llava";
    public static final String QUESTION = "Describe the image in detail.";

    private final Channel channel;

    public DemoServer(Channel channel) {
        this.channel = channel;
    }

    public Model loadModel() {
        return models().loadModel(
                        LoadModelRequest.newBuilder()
                                .setPath(TestApi.demo().resolve("llava").toString())
                                .setModelId("llava")
                                .build());
    }

    public ModelServiceGrpc.ModelServiceBlockingStub models() {
        return ModelServiceGrpc.newBlockingStub(channel);
    }

    public AdapterServiceGrpc.AdapterServiceBlockingStub adapters() {
        return AdapterServiceGrpc.newBlockingStub(channel);
    }

    /** The names of all adapters, in their order. */
    public List<String> adapterNames() {
        return adapters()
                .listAdapters(ListAdaptersRequest.getDefaultInstance())
                .getAdaptersList()
                .stream()
                .map(Adapter::getName)
                .toList();
    }

    /** Deletes adapters that other tests left. */
    public void forgetAdapters() {
        for (String name : adapterNames()) {
            adapters().deleteAdapter(DeleteAdapterRequest.newBuilder().setName(name).build());
        }
    }

    public GenerationServiceGrpc.GenerationServiceBlockingStub generation() {
        return GenerationServiceGrpc.newBlockingStub(channel);
    }

    public TrainingServiceGrpc.TrainingServiceBlockingStub training() {
        return TrainingServiceGrpc.newBlockingStub(channel);
    }

    /** Picture {@code n} of the demo's preference set. */
    public static Image image(int n) {
        Path file = TestApi.demo().resolve("data/images/%04d.jpg".formatted(n));
        try {
            return image(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** A file with the first rows of the demo's preference set. */
    public static Path rows(Path folder, int count) {
        Path data = TestApi.demo().resolve("data");
        Path file = folder.resolve("rows-%d.jsonl".formatted(count));
        String images = "\"image\": \"" + data.resolve("images");
        try (Stream<String> lines = Files.lines(data.resolve("preferences.jsonl"))) {
            Files.write(
                    file,
                    lines.limit(count).map(l -> l.replace("\"image\": \"images", images)).toList());
            return file;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    public static Image image(byte[] bytes) {
        return Image.newBuilder().setData(ByteString.copyFrom(bytes)).build();
    }

    /** The question about a picture, greedily answered. */
    public static GenerateRequest.Builder question(Image image) {
        return GenerateRequest.newBuilder()
                .setModel(MODEL)
                .addParts(Part.newBuilder().setImage(image))
                .addParts(Part.newBuilder().setText(QUESTION))
                .setMaxNewTokens(64);
    }

    public static ScoreRequest.Builder score(Image image, String answer) {
        return ScoreRequest.newBuilder()
                .setModel(MODEL)
                .setPrompt(QUESTION)
                .setAnswer(answer)
                .addImages(image);
    }

    public List<GenerateResponse> generate(GenerateRequest.Builder request) {
        var all = new ArrayList<GenerateResponse>();
        generation().generate(request.build()).forEachRemaining(all::add);
        return all;
    }

    public static String text(List<GenerateResponse> responses) {
        return responses.stream().map(GenerateResponse::getText).collect(Collectors.joining());
    }

    /** The refusal of a call. */
    public static StatusRuntimeException refusal(Callable<?> call) {
        var e =
                Assertions.catchThrowableOfType(
                        StatusRuntimeException.class,
                        () -> {
                            Object answer = call.call();
                            if (answer instanceof java.util.Iterator<?> stream) {
                                stream.forEachRemaining(m -> {});
                            }
                        });
        Assertions.assertThat(e).as("the call was not refused").isNotNull();
        return e;
    }
}
