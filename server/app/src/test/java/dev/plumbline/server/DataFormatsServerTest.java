package dev.plumbline.server;

import static dev.plumbline.server.DemoServer.MODEL;
import static dev.plumbline.server.DemoServer.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.v1.CreateDatasetRequest;
import dev.plumbline.v1.CreateRunRequest;
import dev.plumbline.v1.Dataset;
import dev.plumbline.v1.DatasetServiceGrpc;
import dev.plumbline.v1.DatasetStart;
import dev.plumbline.v1.GetRunRequest;
import dev.plumbline.v1.MineNegativesRequest;
import dev.plumbline.v1.Run;
import dev.plumbline.v1.SkippedRow;
import dev.plumbline.v1.TrainingSpec;
import dev.plumbline.v1.WatchRunRequest;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of every format, from request to adapter. */
@QuarkusTest
class DataFormatsServerTest {
    /** Made by the engine's make_data_fixtures.py. */
    private static final Path DATA =
            Path.of("../engine/src/test/resources/data").toAbsolutePath().normalize();

    @GrpcClient("plumbline")
    Channel channel;

    @TempDir Path folder;
    private DemoServer server;

    @BeforeEach
    void load() {
        server = new DemoServer(channel);
        server.loadModel();
    }

    private static TrainingSpec.Builder spec(String data) {
        return TrainingSpec.newBuilder()
                .setModel(MODEL)
                .setData(data)
                .setLoss("dpo")
                .setRank(2)
                .setAlpha(4)
                .setBatchSize(2);
    }

    private Run plan(TrainingSpec.Builder spec) {
        return server.training()
                .createRun(
                        CreateRunRequest.newBuilder().setSpec(spec).setValidateOnly(true).build());
    }

    private Run trained(TrainingSpec.Builder spec) {
        Run run = server.training().createRun(CreateRunRequest.newBuilder().setSpec(spec).build());
        server.training()
                .watchRun(WatchRunRequest.newBuilder().setName(run.getName()).build())
                .forEachRemaining(event -> {});
        Run ended =
                server.training().getRun(GetRunRequest.newBuilder().setName(run.getName()).build());
        assertThat(ended.getError()).isEmpty();
        assertThat(ended.getState()).isEqualTo(Run.State.SUCCEEDED);
        return ended;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rlhf-v.parquet",
                "rlaif-v.parquet",
                "mmpr.jsonl",
                "trl.parquet",
                "llama-factory.json",
                "ms-swift.jsonl",
            })
    void everyFormatIsPlanned(String name) {
        TrainingSpec.Builder spec = spec(DATA.resolve(name).toString());
        if (name.startsWith("mmpr")) {
            spec.setImages(DATA.resolve("images").toString());
        }
        Run planned = plan(spec);
        assertThat(planned.getPlan().getRows()).isEqualTo(3);
        assertThat(planned.getPlan().getProblemsList()).isEmpty();
        assertThat(planned.getPlan().getSkippedTotal()).isZero();
        assertThat(planned.getSpec().getOnBadRow()).isEqualTo("stop");
    }

    @Test
    void hostileRowsStopARunUnlessTheyAreSkipped() throws IOException {
        TrainingSpec.Builder spec = spec(DATA.resolve("hostile.parquet").toString());
        var e = refusal(() -> plan(spec));
        assertThat(TestApi.reason(e)).isEqualTo("IMAGE_NOT_FOUND");
        assertThat(TestApi.field(e)).isEqualTo("spec.data");
        assertThat(TestApi.info(e).getMetadataMap())
                .containsEntry("row", "1")
                .containsEntry("row_field", "image");
        assertThat(e.getStatus().getDescription()).contains("7 of 10 rows", "on_bad_row");

        Path output = folder.resolve("out");
        Run run = trained(spec.setOnBadRow("skip").setOutput(output.toString()));
        assertThat(run.getStepsDone()).isEqualTo(1);
        assertThat(run.getPlan().getRows()).isEqualTo(2);
        assertThat(run.getPlan().getSkippedTotal()).isEqualTo(8);
        assertThat(run.getPlan().getSkippedList())
                .extracting(SkippedRow::getRow)
                .containsExactly(
                        "row 1", "row 2", "row 3", "row 4", "row 6", "row 7", "row 8", "row 5");
        assertThat(run.getPlan().getSkipped(7).getReason()).isEqualTo("PROMPT_TOO_LONG");
        assertThat(run.getSpec().getOnBadRow()).isEqualTo("skip");
        assertThat(Files.readAllLines(output.resolve("skipped.jsonl")))
                .hasSize(8)
                .first()
                .asString()
                .contains("\"row\":\"row 1\"", "\"field\":\"image\"", "IMAGE_NOT_FOUND");
        assertThat(output.resolve("adapter_model.safetensors")).exists();
    }

    @Test
    void whatIsWrongWithTheChoiceIsNamed() {
        String data = DATA.resolve("trl.parquet").toString();
        var e = refusal(() -> plan(spec(data).setDataFormat("csv")));
        assertThat(TestApi.reason(e)).isEqualTo("DATA_FORMAT_UNKNOWN");
        assertThat(TestApi.field(e)).isEqualTo("spec.data_format");
        e = refusal(() -> plan(spec(data).setOnBadRow("perhaps")));
        assertThat(TestApi.field(e)).isEqualTo("spec.on_bad_row");
        e = refusal(() -> plan(spec(data).setDataFormat("rlhf-v")));
        assertThat(TestApi.field(e)).isEqualTo("spec.data");
        assertThat(e.getStatus().getDescription())
                .contains("trl.parquet row 0: text", "none is left");
    }

    @Test
    void minedParquetIsTrainedOn() throws IOException {
        var negatives = new NegativeCalls(channel);
        Path output = folder.resolve("mined.parquet");
        var request =
                MineNegativesRequest.newBuilder()
                        .setSelection(
                                NegativeCalls.selection(
                                        TestApi.demo().resolve("data/pool").toString()))
                        .setData(DATA.resolve("hostile.parquet").toString())
                        .setOutput(output.toString())
                        .setOnBadRow("skip")
                        .build();
        var mined =
                NegativeCalls.mined(negatives.await(negatives.negatives().mineNegatives(request)));
        assertThat(mined.getRows()).isEqualTo(3);
        assertThat(Files.readAllLines(folder.resolve("mined.skipped.jsonl"))).hasSize(7);
        Path adapter = folder.resolve("adapter");
        Run run =
                trained(
                        spec(output.toString())
                                .setLoss("plackett-luce + 1.0 * dpo")
                                .setOnBadRow("skip")
                                .setOutput(adapter.toString()));
        assertThat(run.getPlan().getRows()).isEqualTo(2);
        assertThat(run.getLast().getImageLoss()).isPositive();
        assertThat(Files.readAllLines(adapter.resolve("skipped.jsonl"))).hasSize(1);
    }

    @Test
    void aDataSetRemembersHowItIsRead() {
        Dataset made =
                create(
                        DatasetStart.newBuilder()
                                .setPath(DATA.resolve("mmpr.jsonl").toString())
                                .setDataFormat("mmpr")
                                .setImages(DATA.resolve("images").toString()));
        assertThat(made.getRows()).isEqualTo(3);
        assertThat(made.getDataFormat()).isEqualTo("mmpr");
        assertThat(plan(spec(made.getName())).getPlan().getRows()).isEqualTo(3);
        Dataset hostile =
                create(
                        DatasetStart.newBuilder()
                                .setPath(DATA.resolve("hostile.jsonl").toString())
                                .setOnBadRow("skip"));
        assertThat(hostile.getRows()).isEqualTo(3);
        assertThat(hostile.getSkippedRows()).isEqualTo(7);
        assertThat(TestApi.reason(refusal(() -> plan(spec(hostile.getName())))))
                .isEqualTo("IMAGE_NOT_FOUND");
    }

    private Dataset create(DatasetStart.Builder start) {
        var made = new CompletableFuture<Dataset>();
        StreamObserver<CreateDatasetRequest> requests =
                DatasetServiceGrpc.newStub(channel)
                        .createDataset(
                                new StreamObserver<>() {
                                    @Override
                                    public void onNext(Dataset dataset) {
                                        made.complete(dataset);
                                    }

                                    @Override
                                    public void onError(Throwable failure) {
                                        made.completeExceptionally(failure);
                                    }

                                    @Override
                                    public void onCompleted() {}
                                });
        requests.onNext(CreateDatasetRequest.newBuilder().setStart(start).build());
        requests.onCompleted();
        return made.join();
    }
}
