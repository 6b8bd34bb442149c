package dev.plumbline.server;

import static dev.plumbline.server.DemoServer.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.longrunning.DeleteOperationRequest;
import com.google.longrunning.ListOperationsRequest;
import com.google.longrunning.Operation;
import dev.plumbline.engine.data.ParquetTable;
import dev.plumbline.server.plugin.PluginJars;
import dev.plumbline.v1.MineNegativesRequest;
import dev.plumbline.v1.MinedNegatives;
import dev.plumbline.v1.MiningProgress;
import dev.plumbline.v1.PreviewNegativesRequest;
import dev.plumbline.v1.PreviewNegativesResponse;
import dev.plumbline.v1.SelectionSpec;
import io.grpc.Channel;
import io.grpc.Status.Code;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Negatives of the demo's rows, looked at and mined. */
@QuarkusTest
@TestProfile(PluginTestServer.class)
class MiningTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @GrpcClient("plumbline")
    Channel channel;

    @TempDir Path folder;
    private NegativeCalls calls;
    private String pool = "";

    @BeforeEach
    void open() {
        calls = new NegativeCalls(channel);
        pool = PluginTestServer.pool(folder, 12).toString();
    }

    @Test
    void minesLinesAndSaysWhatItFound() throws IOException {
        Path data = DemoServer.rows(folder, 5);
        MinedNegatives mined =
                calls.mined(NegativeCalls.selection(pool), data, folder.resolve("mined.jsonl"));
        assertThat(mined.getRows()).isEqualTo(5);
        assertThat(mined.getOutput()).isEqualTo(folder.resolve("mined.jsonl").toString());
        assertThat(mined.getFiguresMap()).containsKey("distinct_negatives");
        List<String> lines = Files.readAllLines(folder.resolve("mined.jsonl"));
        assertThat(lines).hasSize(5);
        JsonNode first = JSON.readTree(lines.getFirst());
        assertThat(first.get("negative_images")).hasSize(2);
        assertThat(first.at("/negative_images/0/selector").asText()).isEqualTo("random");
        JsonNode report = JSON.readTree(Path.of(mined.getReportData()).toFile());
        assertThat(report.get("selector").asText()).isEqualTo("random");
        assertThat(report.get("rows").asInt()).isEqualTo(5);
        var _ = calls.mined(NegativeCalls.selection(pool), data, folder.resolve("again.jsonl"));
        assertThat(folder.resolve("again.jsonl"))
                .hasSameBinaryContentAs(folder.resolve("mined.jsonl"));
        try (var files = Files.list(folder)) {
            assertThat(files.map(Path::toString)).noneMatch(name -> name.contains("partial"));
        }
    }

    @Test
    void rowsThatHaveNegativesKeepThem() throws IOException {
        Path once = folder.resolve("once.jsonl");
        var _ = calls.mined(NegativeCalls.selection(pool), DemoServer.rows(folder, 3), once);
        var _ =
                calls.mined(
                        NegativeCalls.selection(pool).setSeed(8).setK(3),
                        once,
                        folder.resolve("twice.jsonl"));
        assertThat(folder.resolve("twice.jsonl")).hasSameBinaryContentAs(once);
    }

    @Test
    void minesParquet() {
        Path output = folder.resolve("mined.parquet");
        var _ = calls.mined(NegativeCalls.selection(pool), DemoServer.rows(folder, 4), output);
        ParquetTable table = ParquetTable.open(output);
        assertThat(table.rows()).isEqualTo(4);
        List<Map<String, Object>> rows = new ArrayList<>();
        table.read((row, values) -> rows.add(new HashMap<>(values)));
        assertThat(rows).hasSize(4);
        assertThat(rows.getFirst().get("sampling")).hasToString("without_replacement");
        assertThat((List<?>) rows.getFirst().get("negative_images")).hasSize(2);
    }

    @Test
    void oneRequestIdMakesOneOperation() {
        var request =
                MineNegativesRequest.newBuilder()
                        .setSelection(NegativeCalls.selection(pool))
                        .setData(DemoServer.rows(folder, 2).toString())
                        .setOutput(folder.resolve("mined.jsonl").toString())
                        .setRequestId("one");
        Operation first = calls.negatives().mineNegatives(request.build());
        Operation second = calls.negatives().mineNegatives(request.build());
        assertThat(second.getName()).isEqualTo(first.getName());
        var e =
                refusal(() ->
                        calls.negatives()
                                .mineNegatives(
                                        request.setData(DemoServer.rows(folder, 3).toString())
                                                .build()));
        assertThat(TestApi.reason(e)).isEqualTo("REQUEST_ID_REUSED");
        assertThat(calls.await(first).hasResponse()).isTrue();
        assertThat(
                        calls.operations()
                                .listOperations(ListOperationsRequest.getDefaultInstance())
                                .getOperationsList())
                .extracting(Operation::getName)
                .contains(first.getName());
        var _ =
                calls.operations()
                        .deleteOperation(
                                DeleteOperationRequest.newBuilder()
                                        .setName(first.getName())
                                        .build());
        var gone = refusal(() -> calls.get(first.getName()));
        assertThat(TestApi.reason(gone)).isEqualTo("OPERATION_NOT_FOUND");
    }

    @Test
    void aCancelledMiningLeavesNothingBehind() throws Exception {
        slowSelector();
        Path output = folder.resolve("out/mined.jsonl");
        Operation operation =
                calls.mine(
                        NegativeCalls.selection(pool).setSelector("slow"),
                        DemoServer.rows(folder, 200),
                        output);
        MiningProgress fitting = awaitProgress(operation, "fitting");
        assertThat(fitting.getTotal()).isEqualTo(50);
        assertThat(fitting.getRowsPerSecond()).as("of what is no row").isZero();
        assertThat(fitting.getRemainingSeconds()).isPositive();
        MiningProgress progress = awaitProgress(operation, "mining");
        assertThat(progress.getTotal()).isEqualTo(200);
        assertThat(progress.getRowsPerSecond()).isPositive();
        var shared =
                refusal(() ->
                        calls.mine(
                                NegativeCalls.selection(pool), DemoServer.rows(folder, 2), output));
        assertThat(TestApi.reason(shared)).isEqualTo("OPERATION_UNDER_WAY");
        calls.cancel(operation);
        Operation ended = calls.await(operation);
        assertThat(ended.getError().getCode()).isEqualTo(Code.CANCELLED.value());
        assertThat(NegativeCalls.failure(ended).getReason()).isEqualTo("OPERATION_CANCELLED");
        assertThat(output.getParent()).isEmptyDirectory();
    }

    private MiningProgress awaitProgress(Operation operation, String phase) throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        MiningProgress now = progress(operation);
        while (!(now.getPhase().equals(phase) && now.getDone() >= 3) && System.nanoTime() < until) {
            Thread.sleep(20);
            now = progress(operation);
        }
        assertThat(now.getPhase()).isEqualTo(phase);
        return now;
    }

    private MiningProgress progress(Operation operation) throws Exception {
        return calls.get(operation.getName()).getMetadata().unpack(MiningProgress.class);
    }

    private void slowSelector() {
        var _ =
                new PluginCalls(channel)
                        .install(
                                PluginJars.build(
                                        folder.resolve("slow.jar"),
                                        "slow",
                                        "1.0.0",
                                        "Slow",
                                        PluginJars.selector(
                                                "Slow",
                                                "slow",
                                                """
                                                for (int i = 0; i < 50; i++) {
                                                    workshop.progress("fitting", i, 50);
                                                    try { Thread.sleep(20); } catch (InterruptedException e) { throw new IllegalStateException(e); }
                                                }
                                                return selection -> {
                                                    try { Thread.sleep(40); } catch (InterruptedException e) { throw new IllegalStateException(e); }
                                                    return Choice.greedy(List.of(Negative.of(0, 1, Double.NaN, 0), Negative.of(1, 1, Double.NaN, 0)));
                                                };
                                                """)));
    }

    @Test
    void refusalsNameTheField() {
        Path data = DemoServer.rows(folder, 2);
        Path output = folder.resolve("mined.jsonl");
        refused(
                "selection.pool",
                "POOL_NOT_FOUND",
                NegativeCalls.selection("pools/none"),
                data,
                output);
        refused(
                "selection.selector",
                "SELECTOR_NOT_FOUND",
                NegativeCalls.selection(pool).setSelector("x"),
                data,
                output);
        refused(
                "selection.options",
                "UNKNOWN_OPTION",
                NegativeCalls.selection(pool).putOptions("luck", "1"),
                data,
                output);
        refused(
                "selection.k",
                "POOL_TOO_SMALL",
                NegativeCalls.selection(pool).setK(13),
                data,
                output);
        refused(
                "selection.duplicate_margin",
                "FIELD_OUT_OF_RANGE",
                NegativeCalls.selection(pool).setDuplicateMargin(-1),
                data,
                output);
        refused(
                "selection.clip",
                "MODEL_NOT_FOUND",
                NegativeCalls.selection(pool).setClip("models/none"),
                data,
                output);
        refused(
                "data",
                "DATA_NOT_FOUND",
                NegativeCalls.selection(pool),
                folder.resolve("none.jsonl"),
                output);
        refused(
                "output",
                "OUTPUT_UNSUITABLE",
                NegativeCalls.selection(pool),
                data,
                folder.resolve("mined.txt"));
        refused("output", "OUTPUT_IS_INPUT", NegativeCalls.selection(pool), data, data);
    }

    private void refused(
            String field, String reason, SelectionSpec.Builder selection, Path data, Path output) {
        var e = refusal(() -> calls.mine(selection, data, output));
        assertThat(TestApi.reason(e)).isEqualTo(reason);
        assertThat(TestApi.field(e)).isEqualTo(field);
        assertThat(output)
                .satisfiesAnyOf(
                        o -> assertThat(o).doesNotExist(), o -> assertThat(o).isEqualTo(data));
    }

    @Test
    void previewsUnderTheGuard() {
        calls.loadClip();
        PreviewNegativesResponse preview =
                preview(NegativeCalls.selection(pool).setClip(NegativeCalls.CLIP));
        assertThat(preview.getNegativesList()).hasSize(2);
        assertThat(preview.getNegativesList())
                .allSatisfy(negative -> {
                    assertThat(negative.hasFalseNegativeRisk()).isTrue();
                    assertThat(negative.getContent().getData().size()).isPositive();
                    assertThat(Path.of(negative.getImage())).isRegularFile();
                });
        assertThat(preview.getSampling()).isEqualTo("without_replacement");
        assertThat(preview.getCandidates()).isBetween(2, 12);
        assertThat(preview.getNotesList()).isEmpty();
    }

    private PreviewNegativesResponse preview(SelectionSpec.Builder selection) {
        return calls.negatives()
                .previewNegatives(
                        PreviewNegativesRequest.newBuilder()
                                .setSelection(selection)
                                .setImage(DemoServer.image(3))
                                .setPrompt(DemoServer.QUESTION)
                                .setAnswer("There is a red circle.")
                                .build());
    }

    @Test
    void aPreviewNotesWhatTheSelectorWarnsOf() {
        var plugins = new PluginCalls(channel);
        plugins.install(
                PluginJars.build(
                        folder.resolve("poor.jar"),
                        "test-poor",
                        "1.0.0",
                        "Poor",
                        PluginJars.selector(
                                "Poor",
                                "poor",
                                """
                                workshop.report("fitted_on_other_rows", 0);
                                workshop.report("explained_variance", 0.01);
                                workshop.report("poor_fit", 1);
                                return s -> Choice.greedy(
                                        List.of(Negative.of(0, 1), Negative.of(1, 1)));
                                """)));
        assertThat(preview(NegativeCalls.selection(pool).setSelector("poor")).getNotesList())
                .containsExactly("poor_fit");
        plugins.uninstall("test-poor");
    }
}
