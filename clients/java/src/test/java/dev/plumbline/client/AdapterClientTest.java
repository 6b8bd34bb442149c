package dev.plumbline.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.plumbline.v1.Adapter;
import dev.plumbline.v1.AdapterFile;
import dev.plumbline.v1.AdapterServiceGrpc.AdapterServiceImplBase;
import dev.plumbline.v1.DownloadAdapterRequest;
import dev.plumbline.v1.DownloadAdapterResponse;
import dev.plumbline.v1.UploadAdapterRequest;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over a real connection, with a server that hands back what it is sent, or worse. */
class AdapterClientTest {
    private static final String CONFIG = "adapter_config.json";
    private static final String TENSORS = "adapter_model.safetensors";

    @TempDir Path folder;
    private final Adapters adapters = new Adapters();
    private Server server;
    private PlumblineClient client;

    /** Keeps an upload, and gives it as a download. */
    private static final class Adapters extends AdapterServiceImplBase {
        private final List<UploadAdapterRequest> received = new ArrayList<>();
        private final List<DownloadAdapterResponse> answers = new ArrayList<>();
        private boolean refuses;

        @Override
        public StreamObserver<UploadAdapterRequest> uploadAdapter(
                StreamObserver<Adapter> responses) {
            return new StreamObserver<>() {
                @Override
                public void onNext(UploadAdapterRequest message) {
                    received.add(message);
                    if (refuses && received.size() == 3) {
                        responses.onError(
                                Status.ALREADY_EXISTS
                                        .withDescription("it is there")
                                        .asRuntimeException());
                    }
                }

                @Override
                public void onError(Throwable failure) {}

                @Override
                public void onCompleted() {
                    if (!refuses) {
                        String id = received.getFirst().getStart().getAdapterId();
                        responses.onNext(Adapter.newBuilder().setName("adapters/" + id).build());
                        responses.onCompleted();
                    }
                }
            };
        }

        @Override
        public void downloadAdapter(
                DownloadAdapterRequest request, StreamObserver<DownloadAdapterResponse> responses) {
            answers.forEach(responses::onNext);
            responses.onCompleted();
        }
    }

    @BeforeEach
    void start() throws IOException {
        server = ServerBuilder.forPort(0).addService(adapters).build().start();
        client = PlumblineClient.connect("localhost:" + server.getPort());
    }

    @AfterEach
    void stop() {
        client.close();
        server.shutdownNow();
    }

    /** Of several chunks. */
    private Path adapter() throws IOException {
        byte[] tensors = new byte[(5 << 20) + 17];
        new Random(1).nextBytes(tensors);
        Path source = Files.createDirectories(folder.resolve("source"));
        Files.writeString(source.resolve(CONFIG), "{}");
        Files.write(source.resolve(TENSORS), tensors);
        Files.writeString(source.resolve("optimizer.pt"), "not for the server");
        return source;
    }

    private static DownloadAdapterResponse file(String name, String sha256) {
        return DownloadAdapterResponse.newBuilder()
                .setFile(AdapterFile.newBuilder().setName(name).setSha256(sha256))
                .build();
    }

    private static DownloadAdapterResponse chunk(String text) {
        return DownloadAdapterResponse.newBuilder()
                .setChunk(ByteString.copyFrom(text, StandardCharsets.UTF_8))
                .build();
    }

    @Test
    void whatIsSentComesBackByteForByte() throws IOException {
        Path source = adapter();
        assertThat(client.adapters().upload("sent", source).getName()).isEqualTo("adapters/sent");
        for (UploadAdapterRequest message : adapters.received) {
            if (message.hasFile()) {
                adapters.answers.add(
                        DownloadAdapterResponse.newBuilder().setFile(message.getFile()).build());
            } else if (message.hasChunk()) {
                adapters.answers.add(
                        DownloadAdapterResponse.newBuilder().setChunk(message.getChunk()).build());
            }
        }
        assertThat(adapters.received).hasSize(1 + 2 + 1 + 6);
        Path target = folder.resolve("target");
        client.adapters().download("adapters/sent", target);
        for (String name : List.of(CONFIG, TENSORS)) {
            assertThat(target.resolve(name)).hasSameBinaryContentAs(source.resolve(name));
        }
        assertThat(target.resolve("optimizer.pt")).doesNotExist();
        assertThatThrownBy(() -> client.adapters().download("adapters/sent", target))
                .isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void aRefusalIsToldWhileItIsSent() throws IOException {
        adapters.refuses = true;
        Path source = adapter();
        assertThatThrownBy(() -> client.adapters().upload("sent", source))
                .isInstanceOfSatisfying(
                        PlumblineClientException.class,
                        e -> assertThat(e.code()).isEqualTo(Status.Code.ALREADY_EXISTS));
        Files.delete(source.resolve(CONFIG));
        assertThatThrownBy(() -> client.adapters().upload("sent", source))
                .isInstanceOf(PlumblineClientException.class)
                .hasMessageContaining(CONFIG);
    }

    @Test
    void whatIsDamagedOrLeavesTheFolderIsNotWritten() throws IOException {
        Path target = folder.resolve("in/target");
        String digest = FileDigest.of(Files.writeString(folder.resolve("x"), "x"));
        for (List<DownloadAdapterResponse> answers :
                List.of(
                        List.of(file(CONFIG, digest), chunk("y")),
                        List.of(file(CONFIG, digest), chunk("x"), file(TENSORS, digest)),
                        List.of(file("../escaped", digest), chunk("x")),
                        List.of(file("a/b", digest), chunk("x")),
                        List.of(file("", digest), chunk("x")))) {
            adapters.answers.clear();
            adapters.answers.addAll(answers);
            assertThatThrownBy(() -> client.adapters().download("adapters/bad", target))
                    .isInstanceOfSatisfying(
                            PlumblineClientException.class,
                            e -> assertThat(e.reason()).isEqualTo("DOWNLOAD_BROKEN"));
            assertThat(folder.resolve("in/escaped")).doesNotExist();
            try (Stream<Path> left = Files.list(folder.resolve("in"))) {
                assertThat(left).isEmpty();
            }
        }
    }
}
