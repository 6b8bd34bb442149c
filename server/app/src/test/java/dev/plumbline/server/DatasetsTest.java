package dev.plumbline.server;

import static dev.plumbline.server.DemoServer.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.plumbline.v1.CreateDatasetRequest;
import dev.plumbline.v1.Dataset;
import dev.plumbline.v1.DatasetServiceGrpc;
import dev.plumbline.v1.DatasetStart;
import dev.plumbline.v1.DeleteDatasetRequest;
import dev.plumbline.v1.GetDatasetRequest;
import dev.plumbline.v1.Image;
import dev.plumbline.v1.ListDatasetsRequest;
import dev.plumbline.v1.PreferenceRow;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Preference rows that clients name or send. */
@QuarkusTest
@TestProfile(PluginTestServer.class)
class DatasetsTest {
    @GrpcClient("plumbline")
    Channel channel;

    @TempDir Path folder;
    private DatasetServiceGrpc.DatasetServiceBlockingStub datasets;

    @BeforeEach
    void open() {
        datasets = DatasetServiceGrpc.newBlockingStub(channel);
    }

    private static Path home() {
        return Path.of(ConfigProvider.getConfig().getValue("plumbline.home", String.class));
    }

    private static CreateDatasetRequest start(String id, String path) {
        return CreateDatasetRequest.newBuilder()
                .setStart(DatasetStart.newBuilder().setDatasetId(id).setPath(path))
                .build();
    }

    private static CreateDatasetRequest row(Image image, String chosen) {
        return CreateDatasetRequest.newBuilder()
                .setRow(
                        PreferenceRow.newBuilder()
                                .setImage(image)
                                .setPrompt(DemoServer.QUESTION)
                                .setChosen(chosen)
                                .setRejected("Nothing."))
                .build();
    }

    /** What the server makes of the messages. */
    private static final class Answer implements StreamObserver<Dataset> {
        private final CompletableFuture<Dataset> dataset = new CompletableFuture<>();

        @Override
        public void onNext(Dataset made) {
            dataset.complete(made);
        }

        @Override
        public void onError(Throwable failure) {
            dataset.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {}

        private Dataset get() {
            try {
                return dataset.orTimeout(30, TimeUnit.SECONDS).join();
            } catch (CompletionException e) {
                if (e.getCause() instanceof StatusRuntimeException refusal) {
                    throw refusal;
                }
                throw e;
            }
        }
    }

    private Dataset create(List<CreateDatasetRequest> messages) {
        var answer = new Answer();
        var requests = DatasetServiceGrpc.newStub(channel).createDataset(answer);
        messages.forEach(requests::onNext);
        requests.onCompleted();
        return answer.get();
    }

    @Test
    void rowsThatAreSentCanBeMined() throws IOException {
        Dataset sent =
                create(
                        List.of(
                                start("sent", ""),
                                row(DemoServer.image(0), "A ball."),
                                row(DemoServer.image(1), "A cup."),
                                row(DemoServer.image(0), "A red ball.")));
        assertThat(sent.getName()).isEqualTo("datasets/sent");
        assertThat(sent.getRows()).isEqualTo(3);
        try (var images = Files.list(Path.of(sent.getPath()).resolveSibling("images"))) {
            assertThat(images).hasSize(2);
        }
        assertThat(
                        datasets.listDatasets(ListDatasetsRequest.getDefaultInstance())
                                .getDatasetsList())
                .contains(sent);
        var mined =
                new NegativeCalls(channel)
                        .mined(
                                NegativeCalls.selection(
                                        PluginTestServer.pool(folder, 5).toString()),
                                Path.of("datasets/sent"),
                                folder.resolve("mined.jsonl"));
        assertThat(mined.getRows()).isEqualTo(3);
        var _ =
                datasets.deleteDataset(
                        DeleteDatasetRequest.newBuilder().setName("datasets/sent").build());
        assertThat(Path.of(sent.getPath())).doesNotExist();
        var e =
                refusal(() ->
                        datasets.getDataset(
                                GetDatasetRequest.newBuilder().setName("datasets/sent").build()));
        assertThat(TestApi.reason(e)).isEqualTo("DATASET_NOT_FOUND");
    }

    @Test
    void aFileOfTheServersGetsAName() {
        Path rows = DemoServer.rows(folder, 4);
        Dataset named = create(List.of(start("", rows.toString())));
        assertThat(named.getName()).startsWith("datasets/");
        assertThat(named.getRows()).isEqualTo(4);
        assertThat(named.getPath()).isEqualTo(rows.toString());
        String id = named.getName().substring("datasets/".length());
        var taken = refusal(() -> create(List.of(start(id, rows.toString()))));
        assertThat(TestApi.reason(taken)).isEqualTo("DATASET_EXISTS");
        var _ =
                datasets.deleteDataset(
                        DeleteDatasetRequest.newBuilder().setName(named.getName()).build());
        assertThat(rows).exists();
    }

    @Test
    void badMessagesAreNamedAndLeaveNothing() throws IOException {
        refused(
                "row[1].image",
                List.of(
                        start("bad", ""),
                        row(DemoServer.image(0), "A."),
                        row(
                                DemoServer.image(
                                        "no picture"
                                                .getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                                "B.")));
        refused("row[0].chosen", List.of(start("bad", ""), row(DemoServer.image(0), " ")));
        refused(
                "row[0].image",
                List.of(
                        start("bad", ""),
                        row(Image.newBuilder().setData(ByteString.EMPTY).build(), "A.")));
        refused("start", List.of(row(DemoServer.image(0), "A.")));
        refused("start", List.of(start("bad", ""), start("bad", "")));
        refused("row", List.of(start("bad", "")));
        refused("start.path", List.of(start("bad", folder.resolve("none").toString())));
        refused("start.dataset_id", List.of(start("Not/An/Id", "")));
        refused("content", List.of(CreateDatasetRequest.getDefaultInstance()));
        assertEmpty();
    }

    private void refused(String field, List<CreateDatasetRequest> messages) {
        var e = refusal(() -> create(messages));
        assertThat(TestApi.field(e)).isEqualTo(field);
    }

    private static void assertEmpty() throws IOException {
        Path root = home().resolve("datasets");
        if (Files.isDirectory(root)) {
            try (var left = Files.list(root)) {
                assertThat(left.map(Path::getFileName).map(Path::toString))
                        .noneMatch(name -> name.contains("unfinished") || name.equals("bad"));
            }
        }
    }

    @Test
    void aClientThatGoesAwayLeavesNothing() throws Exception {
        var context = Context.current().withCancellation();
        var answer = new Answer();
        Context previous = context.attach();
        StreamObserver<CreateDatasetRequest> requests;
        try {
            requests = DatasetServiceGrpc.newStub(channel).createDataset(answer);
        } finally {
            context.detach(previous);
        }
        requests.onNext(start("gone", ""));
        requests.onNext(row(DemoServer.image(0), "A."));
        Path root = home().resolve("datasets");
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (unfinished(root) == 0 && System.nanoTime() < until) {
            Thread.sleep(10);
        }
        assertThat(unfinished(root)).isEqualTo(1);
        context.cancel(null);
        while (unfinished(root) > 0 && System.nanoTime() < until) {
            Thread.sleep(10);
        }
        assertThat(unfinished(root)).isZero();
        assertThat(root.resolve("gone")).doesNotExist();
    }

    private static long unfinished(Path root) throws IOException {
        if (!Files.isDirectory(root)) {
            return 0;
        }
        try (var folders = Files.list(root)) {
            return folders.filter(f -> f.getFileName().toString().contains("unfinished")).count();
        }
    }
}
