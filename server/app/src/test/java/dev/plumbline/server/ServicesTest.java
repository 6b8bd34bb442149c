package dev.plumbline.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.longrunning.OperationsGrpc;
import com.google.protobuf.ByteString;
import dev.plumbline.v1.AdapterServiceGrpc;
import dev.plumbline.v1.AnalysisServiceGrpc;
import dev.plumbline.v1.DatasetServiceGrpc;
import dev.plumbline.v1.GenerateRequest;
import dev.plumbline.v1.GenerationServiceGrpc;
import dev.plumbline.v1.Image;
import dev.plumbline.v1.ListAdaptersRequest;
import dev.plumbline.v1.ListModelsRequest;
import dev.plumbline.v1.ListPluginsRequest;
import dev.plumbline.v1.ListRunsRequest;
import dev.plumbline.v1.ModelServiceGrpc;
import dev.plumbline.v1.NegativeServiceGrpc;
import dev.plumbline.v1.Part;
import dev.plumbline.v1.Plugin;
import dev.plumbline.v1.PluginOption;
import dev.plumbline.v1.PluginServiceGrpc;
import dev.plumbline.v1.TrainingServiceGrpc;
import grpc.health.v1.HealthGrpc;
import grpc.health.v1.HealthOuterClass.HealthCheckRequest;
import grpc.health.v1.HealthOuterClass.HealthCheckResponse;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The server as it is built: every service answers, with what belongs to running one. */
@QuarkusTest
class ServicesTest {
    private static final List<String> SERVICES =
            List.of(
                    GenerationServiceGrpc.SERVICE_NAME,
                    ModelServiceGrpc.SERVICE_NAME,
                    AdapterServiceGrpc.SERVICE_NAME,
                    TrainingServiceGrpc.SERVICE_NAME,
                    NegativeServiceGrpc.SERVICE_NAME,
                    AnalysisServiceGrpc.SERVICE_NAME,
                    DatasetServiceGrpc.SERVICE_NAME,
                    OperationsGrpc.SERVICE_NAME,
                    PluginServiceGrpc.SERVICE_NAME);

    @GrpcClient("plumbline")
    Channel channel;

    @TestHTTPResource("/")
    URI http;

    @Test
    void everyListAnswers() {
        assertThat(
                        ModelServiceGrpc.newBlockingStub(channel)
                                .listModels(ListModelsRequest.getDefaultInstance())
                                .getNextPageToken())
                .isEmpty();
        assertThat(
                        AdapterServiceGrpc.newBlockingStub(channel)
                                .listAdapters(ListAdaptersRequest.getDefaultInstance())
                                .getNextPageToken())
                .isEmpty();
        assertThat(
                        TrainingServiceGrpc.newBlockingStub(channel)
                                .listRuns(ListRunsRequest.newBuilder().setPageSize(1).build())
                                .getRunsCount())
                .isLessThanOrEqualTo(1);
    }

    /** In Quarkus tests the loader's parent decides: with PF4J's own this list is empty. */
    @Test
    void listsThePlugins() {
        var stub = PluginServiceGrpc.newBlockingStub(channel);
        var all = stub.listPlugins(ListPluginsRequest.getDefaultInstance()).getPluginsList();
        assertThat(all)
                .extracting(Plugin::getName)
                .containsExactly(
                        "plugins/chip",
                        "plugins/crop",
                        "plugins/dpo",
                        "plugins/mdpo",
                        "plugins/noise",
                        "plugins/plackett-luce",
                        "plugins/random",
                        "plugins/sae",
                        "plugins/similarity");
        assertThat(all.stream().filter(p -> p.getKind() == Plugin.Kind.LOSS))
                .extracting(Plugin::getName)
                .containsExactly(
                        "plugins/chip", "plugins/dpo", "plugins/mdpo", "plugins/plackett-luce");
        assertThat(all).allSatisfy(p -> assertThat(p.getVersion()).isNotBlank());
        PluginOption weighting =
                all.stream()
                        .filter(p -> p.getName().equals("plugins/plackett-luce"))
                        .flatMap(p -> p.getOptionsList().stream())
                        .filter(o -> o.getName().equals("weighting"))
                        .findFirst()
                        .orElseThrow();
        assertThat(weighting.getType()).isEqualTo("choice");
        assertThat(weighting.getChoicesList()).contains("self_normalized", "none");
        assertThat(weighting.hasMinimum()).isFalse();
    }

    @Test
    void pagesThroughThePlugins() {
        var stub = PluginServiceGrpc.newBlockingStub(channel);
        var first = stub.listPlugins(ListPluginsRequest.newBuilder().setPageSize(6).build());
        assertThat(first.getPluginsCount()).isEqualTo(6);
        var second =
                stub.listPlugins(
                        ListPluginsRequest.newBuilder()
                                .setPageSize(6)
                                .setPageToken(first.getNextPageToken())
                                .build());
        assertThat(second.getPluginsList())
                .extracting(Plugin::getName)
                .containsExactly("plugins/random", "plugins/sae", "plugins/similarity");
        assertThat(second.getNextPageToken()).isEmpty();
        var failure =
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () ->
                                stub.listPlugins(
                                        ListPluginsRequest.newBuilder()
                                                .setPageToken("nonsense")
                                                .build()));
        assertThat(TestApi.reason(failure)).isEqualTo("PAGE_TOKEN_INVALID");
        assertThat(TestApi.field(failure)).isEqualTo("page_token");
    }

    @Test
    void everyServiceIsHealthy() {
        var health = HealthGrpc.newBlockingStub(channel);
        for (String service : SERVICES) {
            var answer = health.check(HealthCheckRequest.newBuilder().setService(service).build());
            assertThat(answer.getStatus())
                    .as(service)
                    .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
        }
    }

    @Test
    void reflectionNamesEveryService() throws Exception {
        var answer = new CompletableFuture<ServerReflectionResponse>();
        var requests =
                ServerReflectionGrpc.newStub(channel)
                        .serverReflectionInfo(
                                new StreamObserver<>() {
                                    @Override
                                    public void onNext(ServerReflectionResponse response) {
                                        answer.complete(response);
                                    }

                                    @Override
                                    public void onError(Throwable t) {
                                        answer.completeExceptionally(t);
                                    }

                                    @Override
                                    public void onCompleted() {}
                                });
        requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
        assertThat(answer.get(10, TimeUnit.SECONDS).getListServicesResponse().getServiceList())
                .extracting(ServiceResponse::getName)
                .containsAll(SERVICES);
        requests.onCompleted();
    }

    @ParameterizedTest
    @ValueSource(strings = {"q/health/live", "q/health/ready", "q/metrics"})
    void answersOverHttp(String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            var response =
                    client.send(
                            HttpRequest.newBuilder(http.resolve("/" + path)).build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.body()).isNotBlank();
        }
    }

    @Test
    void aMessageThatIsTooLargeIsRefused() {
        var image =
                Image.newBuilder().setData(ByteString.copyFrom(new byte[(64 << 20) + 1])).build();
        var answer =
                GenerationServiceGrpc.newBlockingStub(channel)
                        .generate(
                                GenerateRequest.newBuilder()
                                        .addParts(Part.newBuilder().setImage(image))
                                        .build());
        var failure = catchThrowableOfType(StatusRuntimeException.class, answer::hasNext);
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    }
}
