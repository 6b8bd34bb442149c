package dev.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import dev.plumbline.cli.server.Environment;
import dev.plumbline.cli.server.Interruption;
import dev.plumbline.cli.server.Session;
import dev.plumbline.cli.server.Shell;
import dev.plumbline.client.PlumblineClient;
import dev.plumbline.v1.Adapter;
import dev.plumbline.v1.AdapterFile;
import dev.plumbline.v1.AdapterServiceGrpc;
import dev.plumbline.v1.LoadModelRequest;
import dev.plumbline.v1.ScoreRequest;
import dev.plumbline.v1.UploadAdapterRequest;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Adapters that come, are looked at, and go; and a server that is killed meanwhile. */
class AdaptersEndToEndTest extends PackagedServer {
    private static final Path CURE = DEMO.resolve("adapter");
    private static final List<String> FILES =
            List.of("adapter_config.json", "adapter_model.safetensors");

    @Test
    void anAdapterIsSentLoadedVerifiedFetchedAndDeleted() throws IOException {
        JsonNode sent = json("adapters", "upload", CURE.toString(), "--name", "sent");
        assertThat(sent.get("state").asText()).isEqualTo("STORED");
        JsonNode proof = json("adapters", "verify", "--model", LLAVA, "adapters/sent");
        assertThat(proof.get("effective").asBoolean()).isTrue();
        assertThat(proof.get("matched")).hasSize(56);
        JsonNode loaded = json("adapters", "load", "--model", LLAVA, "adapters/sent");
        assertThat(loaded.get("name").asText()).isEqualTo("adapters/sent");
        assertThat(loaded.get("effect").get("mean").asDouble()).isPositive();
        assertThat(run("adapters", "verify", "adapters/sent").out())
                .contains("56 tensors matched", "It changes the model.");
        assertThat(run("adapters", "list").out()).contains("adapters/sent", "loaded");
        Path target = directory.resolve("fetched");
        json("adapters", "download", "sent", target.toString());
        for (String name : FILES) {
            assertThat(target.resolve(name)).hasSameBinaryContentAs(CURE.resolve(name));
        }
        assertThat(run("adapters", "download", "sent", target.toString()).code()).isEqualTo(1);
        json("adapters", "unload", "sent");
        assertThat(json("adapters", "get", "sent").get("state").asText()).isEqualTo("STORED");
        json("adapters", "delete", "sent");
        assertThat(error("adapters", "get", "sent").get("reason").asText())
                .isEqualTo("ADAPTER_NOT_FOUND");
        assertThat(
                        error("adapters", "upload", directory.toString(), "--name", "no")
                                .get("reason")
                                .asText())
                .isEqualTo("FILE_NOT_FOUND");
    }

    private Session startAt(Path home) throws IOException {
        var silence = new PrintWriter(Writer.nullWriter());
        var environment = new Environment(directory, home, ROOT, Optional.empty(), false);
        var interruption = new Interruption(Thread.currentThread());
        return Session.start(
                new Shell(environment, silence, silence, interruption), "For a kill", true);
    }

    @Test
    void aServerThatIsKilledHasItsAdaptersAgainAndNoHalfOnes()
            throws IOException, InterruptedException {
        Path home = directory.resolve("killed");
        Adapter cure;
        double sum;
        try (Session first = startAt(home)) {
            cure = first.client().adapters().load(load(first.client()), CURE.toString(), "cure");
            sum = sum(first.client(), cure);
            ManagedChannel channel =
                    ManagedChannelBuilder.forTarget(first.target()).usePlaintext().build();
            try {
                beginUpload(channel);
                await(() -> unfinished(home).size() == 1);
                kill(first.processId());
            } finally {
                channel.shutdownNow();
            }
        }
        assertThat(unfinished(home)).hasSize(1);
        try (Session second = startAt(home)) {
            assertThat(second.client().adapters().list()).containsExactly(cure);
            assertThat(unfinished(home)).isEmpty();
            load(second.client());
            assertThat(sum(second.client(), cure)).isEqualTo(sum);
        }
    }

    private static String load(PlumblineClient client) {
        return client.models()
                .load(LoadModelRequest.newBuilder().setPath(LLAVA).setModelId("llava").build())
                .getName();
    }

    private static double sum(PlumblineClient client, Adapter adapter) {
        var request =
                ScoreRequest.newBuilder()
                        .setModel("models/llava")
                        .setAdapter(adapter.getName())
                        .setPrompt("What is there?")
                        .setAnswer("A ball.")
                        .build();
        return client.score(request).getScores(0).getSum();
    }

    /** The first of two files, and a part of the second. */
    private static void beginUpload(ManagedChannel channel) throws IOException {
        StreamObserver<UploadAdapterRequest> requests =
                AdapterServiceGrpc.newStub(channel)
                        .uploadAdapter(
                                new StreamObserver<>() {
                                    @Override
                                    public void onNext(Adapter adapter) {}

                                    @Override
                                    public void onError(Throwable failure) {}

                                    @Override
                                    public void onCompleted() {}
                                });
        requests.onNext(
                UploadAdapterRequest.newBuilder()
                        .setStart(UploadAdapterRequest.Start.newBuilder().setAdapterId("half"))
                        .build());
        for (String name : FILES) {
            byte[] bytes = Files.readAllBytes(CURE.resolve(name));
            boolean whole = name.equals(FILES.getFirst());
            requests.onNext(
                    UploadAdapterRequest.newBuilder()
                            .setFile(AdapterFile.newBuilder().setName(name).setSize(bytes.length))
                            .build());
            requests.onNext(
                    UploadAdapterRequest.newBuilder()
                            .setChunk(
                                    ByteString.copyFrom(
                                            bytes, 0, whole ? bytes.length : bytes.length / 2))
                            .build());
        }
    }

    /** Uploads under way, or what is left of them, that have a second file. */
    private static List<Path> unfinished(Path home) {
        Path root = home.resolve("adapters");
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(root)) {
            return folders.filter(f -> Files.exists(f.resolve("files").resolve(FILES.getLast())))
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void kill(long processId) throws InterruptedException {
        ProcessHandle server = ProcessHandle.of(processId).orElseThrow();
        assertThat(server.destroyForcibly()).isTrue();
        await(() -> !server.isAlive());
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(until);
            Thread.sleep(20);
        }
    }
}
