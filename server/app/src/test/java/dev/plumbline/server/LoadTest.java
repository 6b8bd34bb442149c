package dev.plumbline.server;

import static dev.plumbline.server.DemoServer.image;
import static dev.plumbline.server.DemoServer.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.rpc.RetryInfo;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.generate.SamplingOptions;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.server.service.GenerationUseCase;
import dev.plumbline.server.service.ModelRegistry;
import dev.plumbline.server.service.ServedModel;
import dev.plumbline.server.service.Turn;
import dev.plumbline.v1.GenerateRequest;
import dev.plumbline.v1.GenerateResponse;
import dev.plumbline.v1.GenerationServiceGrpc;
import dev.plumbline.v1.UnloadModelRequest;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server with one slot and room for two: full, cancelled, left by its clients. */
@QuarkusTest
@TestProfile(LoadTest.Narrow.class)
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class LoadTest {
    private static final int LONG = 160;

    @GrpcClient("plumbline")
    Channel channel;

    @Inject ModelRegistry models;
    @Inject GenerationUseCase generation;

    private DemoServer server;

    @BeforeEach
    void load() {
        server = new DemoServer(channel);
        server.loadModel();
    }

    @Test
    void aFullQueueRefusesAndSaysWhenToComeBack() throws Exception {
        var calls = new ArrayList<CompletableFuture<String>>();
        try (var executor = Executors.newFixedThreadPool(12)) {
            for (int i = 0; i < 12; i++) {
                int seed = i;
                calls.add(
                        CompletableFuture.supplyAsync(
                                () -> text(server.generate(longAnswer(seed))), executor));
            }
        }
        List<StatusRuntimeException> refused =
                calls.stream()
                        .filter(CompletableFuture::isCompletedExceptionally)
                        .map(c -> (StatusRuntimeException) c.exceptionNow())
                        .toList();
        assertThat(refused).isNotEmpty().hasSizeLessThanOrEqualTo(9);
        for (StatusRuntimeException e : refused) {
            assertThat(e.getStatus().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
            assertThat(TestApi.reason(e)).isEqualTo("QUEUE_FULL");
            var status = Objects.requireNonNull(StatusProto.fromThrowable(e));
            assertThat(status.getDetailsList()).anyMatch(d -> d.is(RetryInfo.class));
        }
        assertThat(text(server.generate(DemoServer.question(image(0))))).isNotBlank();
    }

    /** A step takes about a millisecond, so that the news may come late, but not every time. */
    @Test
    void aCallThatIsCancelledStopsBeforeItsEnd() throws Exception {
        long fewest = Long.MAX_VALUE;
        for (int seed = 0; seed < 20 && fewest >= LONG - 20; seed++) {
            long before = steps();
            cancelAfter(3, longAnswer(seed));
            fewest = Math.min(fewest, settled() - before);
        }
        assertThat(fewest).isLessThan(LONG - 20);
    }

    @Test
    void atMostTwoStepsFollowACancellation() {
        var cancellation = new Cancellation();
        var pieces = new AtomicInteger();
        long before = steps();
        assertThatThrownBy(() ->
                        generation.generate(
                                question(),
                                cancellation,
                                piece -> {
                                    if (pieces.incrementAndGet() == 3) {
                                        cancellation.cancel();
                                    }
                                }))
                .isInstanceOfSatisfying(
                        PlumblineException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
        assertThat(steps() - before).isLessThanOrEqualTo(3 + 2);
    }

    @Test
    void aDeadlineStopsTheWork() throws Exception {
        long before = steps();
        var stub =
                GenerationServiceGrpc.newBlockingStub(channel)
                        .withDeadline(Deadline.after(1, TimeUnit.MILLISECONDS));
        var e = DemoServer.refusal(() -> stub.generate(longAnswer(1).setMaxNewTokens(200).build()));
        assertThat(e.getStatus().getCode()).isEqualTo(Code.DEADLINE_EXCEEDED);
        assertThat(settled() - before).isLessThan(100);
    }

    @Test
    void unloadingWaitsForTheCallsInFlight() throws Exception {
        var answer =
                CompletableFuture.supplyAsync(
                        () -> text(server.generate(longAnswer(3).setMaxNewTokens(150))));
        long before = steps();
        while (steps() < before + 3) {
            Thread.sleep(1);
        }
        server.models()
                .unloadModel(UnloadModelRequest.newBuilder().setName(DemoServer.MODEL).build());
        assertThat(answer.get(60, TimeUnit.SECONDS)).isNotEmpty();
        var e = DemoServer.refusal(() -> server.generation().generate(longAnswer(1).build()));
        assertThat(TestApi.reason(e)).isEqualTo("MODEL_NOT_FOUND");
    }

    /** Hot enough that it hardly ever comes to its end. */
    private static GenerateRequest.Builder longAnswer(int seed) {
        return DemoServer.question(image(0))
                .setMaxNewTokens(LONG)
                .setTemperature(100)
                .setSeed(seed);
    }

    private static GenerationUseCase.Question question() {
        var words = new Turn.Content.Words("Describe the image in detail.");
        var random = new SamplingOptions.Randomness(100, 1, 0, 1);
        return new GenerationUseCase.Question(
                DemoServer.MODEL,
                "",
                List.of(new Turn("parts", "user", List.of(words))),
                new SamplingOptions(LONG, random, 1, List.of(), 0));
    }

    private long steps() {
        return ((ServedModel) models.get(DemoServer.MODEL)).generator().decodeSteps();
    }

    /** Decode steps made when no more are being made. */
    private long settled() throws InterruptedException {
        long last = -1;
        while (last != steps()) {
            last = steps();
            Thread.sleep(200);
        }
        return last;
    }

    /** Cancels a call once so many pieces have come. */
    private void cancelAfter(int pieces, GenerateRequest.Builder request) throws Exception {
        var made = new CompletableFuture<Void>();
        Context.CancellableContext context = Context.current().withCancellation();
        var observer =
                new StreamObserver<GenerateResponse>() {
                    private int received;

                    @Override
                    public void onNext(GenerateResponse value) {
                        if (++received == pieces) {
                            context.cancel(null);
                            made.complete(null);
                        }
                    }

                    @Override
                    public void onError(Throwable t) {
                        made.completeExceptionally(t);
                    }

                    @Override
                    public void onCompleted() {
                        made.completeExceptionally(new AssertionError("ended before the cancel"));
                    }
                };
        context.run(
                () -> GenerationServiceGrpc.newStub(channel).generate(request.build(), observer));
        made.get(30, TimeUnit.SECONDS);
    }

    /** One slot, room for two. */
    public static final class Narrow implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("plumbline.inference.slots", "1", "plumbline.inference.queue", "2");
        }
    }
}
