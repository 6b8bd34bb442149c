package dev.plumbline.server;

import static dev.plumbline.server.DemoServer.MODEL;
import static dev.plumbline.server.DemoServer.image;
import static dev.plumbline.server.DemoServer.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.plumbline.v1.Adapter;
import dev.plumbline.v1.AdapterFile;
import dev.plumbline.v1.AdapterServiceGrpc;
import dev.plumbline.v1.DownloadAdapterRequest;
import dev.plumbline.v1.DownloadAdapterResponse;
import dev.plumbline.v1.LoadAdapterRequest;
import dev.plumbline.v1.UploadAdapterRequest;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Adapters that come from clients, and go to them. */
@QuarkusTest
class AdapterTransferTest {
    @GrpcClient("plumbline")
    Channel channel;

    private DemoServer server;

    @BeforeEach
    void load() {
        server = new DemoServer(channel);
        server.loadModel();
        server.forgetAdapters();
    }

    private static byte[] bytes(String name) throws IOException {
        return Files.readAllBytes(AdapterFolders.CURE.resolve(name));
    }

    private static UploadAdapterRequest start(String id) {
        return UploadAdapterRequest.newBuilder()
                .setStart(UploadAdapterRequest.Start.newBuilder().setAdapterId(id))
                .build();
    }

    private static UploadAdapterRequest file(String name, long size, String sha256) {
        return UploadAdapterRequest.newBuilder()
                .setFile(AdapterFile.newBuilder().setName(name).setSize(size).setSha256(sha256))
                .build();
    }

    private static UploadAdapterRequest chunk(byte[] bytes) {
        return UploadAdapterRequest.newBuilder().setChunk(ByteString.copyFrom(bytes)).build();
    }

    private static List<UploadAdapterRequest> whole(String name, byte[] bytes) {
        List<UploadAdapterRequest> messages = new ArrayList<>();
        messages.add(file(name, bytes.length, sha256(bytes)));
        for (int at = 0; at < bytes.length; at += 10_000) {
            messages.add(chunk(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 10_000))));
        }
        return messages;
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** The demo's adapter under a name. */
    private static List<UploadAdapterRequest> cure(String id) throws IOException {
        List<UploadAdapterRequest> messages = new ArrayList<>(List.of(start(id)));
        messages.addAll(whole(AdapterFolders.CONFIG, bytes(AdapterFolders.CONFIG)));
        messages.addAll(whole(AdapterFolders.TENSORS, bytes(AdapterFolders.TENSORS)));
        return messages;
    }

    /** What the server makes of the messages. */
    private static final class Answer implements StreamObserver<Adapter> {
        private final CompletableFuture<Adapter> adapter = new CompletableFuture<>();

        @Override
        public void onNext(Adapter made) {
            adapter.complete(made);
        }

        @Override
        public void onError(Throwable failure) {
            adapter.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {}

        private Adapter get() {
            try {
                return adapter.orTimeout(30, TimeUnit.SECONDS).join();
            } catch (CompletionException e) {
                if (e.getCause() instanceof StatusRuntimeException refusal) {
                    throw refusal;
                }
                throw e;
            }
        }
    }

    private Adapter upload(List<UploadAdapterRequest> messages) {
        var answer = new Answer();
        var requests = AdapterServiceGrpc.newStub(channel).uploadAdapter(answer);
        messages.forEach(requests::onNext);
        requests.onCompleted();
        return answer.get();
    }

    private Map<String, byte[]> download(String name) {
        Map<String, ByteArrayOutputStream> files = new TreeMap<>();
        var last = new ByteArrayOutputStream();
        var answers =
                server.adapters()
                        .downloadAdapter(DownloadAdapterRequest.newBuilder().setName(name).build());
        while (answers.hasNext()) {
            DownloadAdapterResponse answer = answers.next();
            if (answer.hasFile()) {
                last = new ByteArrayOutputStream();
                files.put(answer.getFile().getName(), last);
            } else {
                last.writeBytes(answer.getChunk().toByteArray());
            }
        }
        Map<String, byte[]> contents = new TreeMap<>();
        files.forEach((file, bytes) -> contents.put(file, bytes.toByteArray()));
        return contents;
    }

    @Test
    void whatIsSentComesBackByteForByteAndCanBeLoaded() throws IOException {
        List<UploadAdapterRequest> messages = new ArrayList<>(cure("sent"));
        byte[] readme = "# Cured\n".getBytes(StandardCharsets.UTF_8);
        messages.addAll(whole("README.md", readme));
        messages.addAll(whole("empty.txt", new byte[0]));
        Adapter sent = upload(messages);
        assertThat(sent.getName()).isEqualTo("adapters/sent");
        assertThat(sent.getState()).isEqualTo(Adapter.State.STORED);
        assertThat(sent.getModel()).isEmpty();
        assertThat(sent.hasEffect()).isFalse();
        assertThat(download("adapters/sent"))
                .containsOnlyKeys(
                        AdapterFolders.CONFIG, AdapterFolders.TENSORS, "README.md", "empty.txt")
                .containsEntry(AdapterFolders.CONFIG, bytes(AdapterFolders.CONFIG))
                .containsEntry(AdapterFolders.TENSORS, bytes(AdapterFolders.TENSORS))
                .containsEntry("README.md", readme)
                .containsEntry("empty.txt", new byte[0]);
        var score = DemoServer.score(image(0), "A ball.").setAdapter("adapters/sent").build();
        assertThat(TestApi.reason(refusal(() -> server.generation().score(score))))
                .isEqualTo("ADAPTER_NOT_LOADED");
        Adapter loaded =
                server.adapters()
                        .loadAdapter(
                                LoadAdapterRequest.newBuilder()
                                        .setModel(MODEL)
                                        .setSource("adapters/sent")
                                        .build());
        assertThat(loaded.getName()).isEqualTo("adapters/sent");
        assertThat(loaded.getDigest()).isEqualTo(sent.getDigest());
        assertThat(loaded.getEffect().getMean()).isPositive();
        assertThat(server.generation().score(score).getScoresCount()).isEqualTo(1);
        assertThat(download("sent")).hasSize(4);
    }

    @Test
    void whatIsLoadedFromAFolderCanBeDownloaded() throws IOException {
        server.adapters()
                .loadAdapter(
                        LoadAdapterRequest.newBuilder()
                                .setModel(MODEL)
                                .setPath(AdapterFolders.CURE.toString())
                                .setAdapterId("copied")
                                .build());
        assertThat(download("adapters/copied"))
                .containsOnlyKeys(AdapterFolders.CONFIG, AdapterFolders.TENSORS)
                .containsEntry(AdapterFolders.TENSORS, bytes(AdapterFolders.TENSORS));
    }

    private void refused(String reason, List<UploadAdapterRequest> messages) {
        var e = refusal(() -> upload(messages));
        assertThat(TestApi.reason(e)).isEqualTo(reason);
        assertThat(e.getStatus().getCode())
                .isIn(Code.INVALID_ARGUMENT, Code.ALREADY_EXISTS, Code.DATA_LOSS);
    }

    @Test
    void namesThatLeaveTheFolderAreRefused() throws IOException {
        for (String name :
                List.of(
                        "../escaped.txt",
                        "/tmp/escaped.txt",
                        "a/b.txt",
                        "..",
                        ".hidden",
                        "",
                        "a\\b",
                        "nul\0",
                        "x".repeat(200))) {
            List<UploadAdapterRequest> messages = new ArrayList<>(cure("bad"));
            messages.addAll(whole(name, new byte[] {1}));
            refused("FILE_NAME_INVALID", messages);
        }
        assertThat(leftInStore()).isEmpty();
        refused("RESOURCE_ID_INVALID", List.of(start("../up")));
        assertThat(server.adapterNames()).isEmpty();
    }

    @Test
    void whatIsNotWhatWasAnnouncedIsRefused() throws IOException {
        byte[] config = bytes(AdapterFolders.CONFIG);
        String name = AdapterFolders.CONFIG;
        List<UploadAdapterRequest> other =
                List.of(start("bad"), file(name, config.length, "00".repeat(32)), chunk(config));
        refused("FILE_DIGEST_DIFFERS", other);
        refused(
                "FILE_SIZE_DIFFERS",
                List.of(start("bad"), file(name, config.length + 1, ""), chunk(config)));
        refused(
                "FILE_SIZE_DIFFERS",
                List.of(start("bad"), file(name, config.length - 1, ""), chunk(config)));
        refused("ADAPTER_TOO_LARGE", List.of(start("bad"), file(name, 1L << 50, "")));
        refused("ADAPTER_TOO_LARGE", List.of(start("bad"), file(name, -1, "")));
        refused("FIELD_MISSING", List.of(chunk(config)));
        refused("FIELD_MISSING", List.of(start("bad"), chunk(config)));
        refused("FIELD_MISSING", List.of(start("")));
        refused("START_TWICE", List.of(start("bad"), start("bad")));
        List<UploadAdapterRequest> half = new ArrayList<>(List.of(start("bad")));
        half.addAll(whole(name, config));
        refused("FILE_MISSING", half);
        half.addAll(whole(name, config));
        refused("FILE_TWICE", half);
        List<UploadAdapterRequest> damaged = new ArrayList<>(List.of(start("bad")));
        damaged.addAll(whole(name, config));
        damaged.addAll(whole(AdapterFolders.TENSORS, new byte[100]));
        refused("SAFETENSORS_INVALID", damaged);
        assertThat(leftInStore()).isEmpty();
        assertThat(server.adapterNames()).isEmpty();
        upload(cure("good"));
        refused("ADAPTER_EXISTS", cure("good"));
        assertThat(server.adapterNames()).containsExactly("adapters/good");
    }

    @Test
    void aClientThatGoesAwayLeavesNothing() throws Exception {
        var answer = new Answer();
        Context.CancellableContext context = Context.current().withCancellation();
        StreamObserver<UploadAdapterRequest> requests =
                context.call(() -> AdapterServiceGrpc.newStub(channel).uploadAdapter(answer));
        List<UploadAdapterRequest> messages = cure("lost");
        messages.subList(0, messages.size() - 1).forEach(requests::onNext);
        await(() -> !leftInStore().isEmpty());
        context.cancel(new RuntimeException("gone"));
        await(() -> leftInStore().isEmpty());
        assertThat(server.adapterNames()).isEmpty();
        assertThat(upload(cure("lost")).getName()).isEqualTo("adapters/lost");
    }

    /** Folders of adapters in the making, and of none. */
    private static List<Path> leftInStore() {
        Path root =
                Path.of(ConfigProvider.getConfig().getValue("plumbline.home", String.class))
                        .resolve("adapters");
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(root)) {
            return folders.filter(f -> !Files.exists(f.resolve("adapter.json"))).toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(java.util.function.BooleanSupplier condition)
            throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(until);
            Thread.sleep(20);
        }
    }
}
