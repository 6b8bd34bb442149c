package dev.plumbline.server;

import static dev.plumbline.server.DemoServer.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.longrunning.Operation;
import dev.plumbline.v1.AnalysisProgress;
import dev.plumbline.v1.AnalysisServiceGrpc;
import dev.plumbline.v1.AnalyzeSamplingRequest;
import dev.plumbline.v1.LoadAdapterRequest;
import dev.plumbline.v1.SamplingAnalysis;
import io.grpc.Channel;
import io.grpc.Status.Code;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ways to sample, compared on the demo's rows. */
@QuarkusTest
@TestProfile(PluginTestServer.class)
class SamplingTest {
    @GrpcClient("plumbline")
    Channel channel;

    @TempDir Path folder;
    private NegativeCalls calls;

    @BeforeEach
    void load() {
        calls = new NegativeCalls(channel);
        calls.loadClip();
        var demo = new DemoServer(channel);
        var _ = demo.loadModel();
        var _ =
                demo.adapters()
                        .loadAdapter(
                                LoadAdapterRequest.newBuilder()
                                        .setModel(DemoServer.MODEL)
                                        .setPath(TestApi.demo().resolve("adapter").toString())
                                        .setAdapterId("cured")
                                        .build());
    }

    private AnalyzeSamplingRequest.Builder request() {
        return AnalyzeSamplingRequest.newBuilder()
                .setModel(DemoServer.MODEL)
                .setAdapter("adapters/cured")
                .setClip("models/clip")
                .setPool(PluginTestServer.pool(folder, 12).toString())
                .setData(DemoServer.rows(folder, 3).toString())
                .addAllSelectors(List.of("similarity", "random"))
                .setRows(2)
                .setDraws(20)
                .addAllK(List.of(1, 3));
    }

    private Operation begin(AnalyzeSamplingRequest.Builder request) {
        return AnalysisServiceGrpc.newBlockingStub(channel).analyzeSampling(request.build());
    }

    @Test
    void comparesEveryWay() throws Exception {
        Operation ended = calls.await(begin(request()));
        assertThat(ended.getError().getMessage()).isEmpty();
        SamplingAnalysis analysis = ended.getResponse().unpack(SamplingAnalysis.class);
        // For each K six weightings in two modes for each selector, and one greedy choice.
        assertThat(analysis.getEstimatorsList()).hasSize(2 * (6 * 2 * 2 + 1));
        assertThat(analysis.getEstimatorsList())
                .filteredOn(it -> it.getSampling().equals("greedy"))
                .allSatisfy(it -> {
                    assertThat(it.getSelector()).isEqualTo("similarity");
                    assertThat(it.getGradientDeviation()).isZero();
                });
        assertThat(analysis.getRowsList()).hasSize(2);
        assertThat(analysis.getRows(0).getCandidates()).isBetween(4, 12);
        assertThat(analysis.getCorrelationsList())
                .extracting(it -> it.getSelector() + it.hasPolicyShare())
                .containsExactly("similaritytrue", "randomfalse");
        assertThat(analysis.getTiming().getRowSeconds()).isPositive();
        AnalysisProgress progress = ended.getMetadata().unpack(AnalysisProgress.class);
        assertThat(progress.getPhase()).isEqualTo("enumerating");
        assertThat(progress.getDone()).isEqualTo(progress.getTotal());
    }

    @Test
    void refusalsNameTheField() {
        refused("adapter", "ADAPTER_NOT_FOUND", request().setAdapter("adapters/none"));
        refused("model", "MODEL_NOT_FOUND", request().setModel("models/none"));
        refused("pool", "POOL_NOT_FOUND", request().setPool("pools/none"));
        refused("data", "DATA_NOT_FOUND", request().setData("/none.jsonl"));
        refused("selectors", "SELECTOR_NOT_FOUND", request().addSelectors("none"));
        refused("candidates", "POOL_TOO_LARGE", request().setCandidates(513));
        refused("k", "OUT_OF_RANGE", request().addK(0));
        refused("beta", "OUT_OF_RANGE", request().setBeta(-1));
        refused("draws", "FIELD_OUT_OF_RANGE", request().setDraws(1));
    }

    private void refused(String field, String reason, AnalyzeSamplingRequest.Builder request) {
        var e = refusal(() -> begin(request));
        assertThat(TestApi.reason(e)).isEqualTo(reason);
        assertThat(TestApi.field(e)).isEqualTo(field);
    }

    @Test
    void aSelectorThatMakesPicturesIsRefused() {
        Operation ended = calls.await(begin(request().clearSelectors().addSelectors("crop")));
        assertThat(NegativeCalls.failure(ended).getReason()).isEqualTo("SELECTOR_UNSUITABLE");
    }

    @Test
    void itIsCancelled() {
        Operation begun = begin(request().setDraws(1_000_000).setSeed(9));
        calls.cancel(begun);
        Operation ended = calls.await(begun);
        assertThat(ended.getError().getCode()).isEqualTo(Code.CANCELLED.value());
    }
}
