package dev.plumbline.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import dev.plumbline.v1.GenerateRequest;
import dev.plumbline.v1.GenerateResponse;
import dev.plumbline.v1.GenerationServiceGrpc.GenerationServiceImplBase;
import dev.plumbline.v1.GetModelRequest;
import dev.plumbline.v1.ListModelsRequest;
import dev.plumbline.v1.ListModelsResponse;
import dev.plumbline.v1.Model;
import dev.plumbline.v1.ModelServiceGrpc.ModelServiceImplBase;
import dev.plumbline.v1.ScoreRequest;
import dev.plumbline.v1.ScoreResponse;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Over real connections: what the client makes of pages, errors, and of going away. */
class PlumblineClientTest {
    private static final int MANY_DOUBLES = 1_000_000;

    private final CountDownLatch cancelled = new CountDownLatch(1);
    private Server server;
    private PlumblineClient client;

    @BeforeEach
    void start() throws IOException {
        server =
                ServerBuilder.forPort(0)
                        .addService(new Models())
                        .addService(new Generation())
                        .addService(health())
                        .build()
                        .start();
        client = PlumblineClient.connect("localhost:" + server.getPort());
    }

    private static io.grpc.BindableService health() {
        var health = new HealthStatusManager();
        health.setStatus(
                "plumbline.v1.GenerationService",
                io.grpc.health.v1.HealthCheckResponse.ServingStatus.SERVING);
        return health.getHealthService();
    }

    @AfterEach
    void stop() {
        client.close();
        server.shutdownNow();
    }

    @Test
    void listsEveryPage() {
        assertThat(client.models().list())
                .extracting(Model::getName)
                .containsExactly("models/a", "models/b", "models/c");
    }

    @Test
    void carriesReasonMetadataAndFieldOfAnError() {
        assertThatThrownBy(() -> client.models().get("models/lost"))
                .isInstanceOfSatisfying(
                        PlumblineClientException.class,
                        failure -> {
                            assertThat(failure.code()).isEqualTo(Status.Code.NOT_FOUND);
                            assertThat(failure.reason()).isEqualTo("MODEL_NOT_FOUND");
                            assertThat(failure.text()).isEqualTo("No model models/lost.");
                            assertThat(failure.metadata())
                                    .containsEntry("model", "models/lost")
                                    .containsEntry("field", "name");
                        });
    }

    @Test
    void anErrorWithoutDetailsKeepsItsCodeAsReason() {
        assertThatThrownBy(() -> client.models().load("/nowhere", ""))
                .isInstanceOfSatisfying(
                        PlumblineClientException.class,
                        failure -> assertThat(failure.reason()).isEqualTo("UNIMPLEMENTED"));
    }

    @Test
    void closingAStreamCancelsTheCallOnTheServer() throws InterruptedException {
        try (var stream = client.generate(GenerateRequest.getDefaultInstance())) {
            assertThat(stream.next().getText()).isEqualTo("first");
        }
        assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void takesAnswersLargerThanTheUsualFourMebibytes() {
        var response = client.score(ScoreRequest.getDefaultInstance());
        assertThat(response.getScores(0).getTokenLogprobsCount()).isEqualTo(MANY_DOUBLES);
    }

    @Test
    void knowsWhetherAServerAnswers() {
        assertThat(client.answers(Duration.ofSeconds(10))).isTrue();
        server.shutdownNow();
        try (var other = PlumblineClient.connect("localhost:" + server.getPort())) {
            assertThat(other.answers(Duration.ofSeconds(10))).isFalse();
        }
    }

    private static final class Models extends ModelServiceImplBase {
        @Override
        public void listModels(ListModelsRequest request, StreamObserver<ListModelsResponse> out) {
            var response = ListModelsResponse.newBuilder();
            switch (request.getPageToken()) {
                case "" -> response.addModels(model("a")).setNextPageToken("2");
                case "2" -> response.setNextPageToken("3"); // An empty page is no end.
                default -> response.addModels(model("b")).addModels(model("c"));
            }
            out.onNext(response.build());
            out.onCompleted();
        }

        private static Model model(String id) {
            return Model.newBuilder().setName("models/" + id).build();
        }

        @Override
        public void getModel(GetModelRequest request, StreamObserver<Model> out) {
            var field = BadRequest.FieldViolation.newBuilder().setField("name");
            var status =
                    com.google.rpc.Status.newBuilder()
                            .setCode(Status.Code.NOT_FOUND.value())
                            .setMessage("No model " + request.getName() + ".")
                            .addDetails(
                                    Any.pack(
                                            ErrorInfo.newBuilder()
                                                    .setReason("MODEL_NOT_FOUND")
                                                    .putMetadata("model", request.getName())
                                                    .build()))
                            .addDetails(
                                    Any.pack(
                                            BadRequest.newBuilder()
                                                    .addFieldViolations(field)
                                                    .build()));
            out.onError(StatusProto.toStatusRuntimeException(status.build()));
        }
    }

    private final class Generation extends GenerationServiceImplBase {
        @Override
        public void generate(GenerateRequest request, StreamObserver<GenerateResponse> out) {
            ((ServerCallStreamObserver<GenerateResponse>) out)
                    .setOnCancelHandler(cancelled::countDown);
            out.onNext(GenerateResponse.newBuilder().setText("first").build());
        }

        @Override
        public void score(ScoreRequest request, StreamObserver<ScoreResponse> out) {
            var response = ScoreResponse.newBuilder();
            var score = response.addScoresBuilder();
            for (int i = 0; i < MANY_DOUBLES; i++) {
                score.addTokenLogprobs(i);
            }
            out.onNext(response.build());
            out.onCompleted();
        }
    }
}
