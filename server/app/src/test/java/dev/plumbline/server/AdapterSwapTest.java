package dev.plumbline.server;

import static dev.plumbline.server.DemoServer.MODEL;
import static dev.plumbline.server.DemoServer.image;
import static dev.plumbline.server.DemoServer.question;
import static dev.plumbline.server.DemoServer.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.v1.LoadAdapterRequest;
import dev.plumbline.v1.ScoreRequest;
import io.grpc.Channel;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A name that goes from one adapter to the next while it is in use. */
@QuarkusTest
class AdapterSwapTest {
    private static final String NAME = "adapters/swapped";
    private static final int SWAPS = 12;
    private static final String ANSWER = "There is a ball.";

    @GrpcClient("plumbline")
    Channel channel;

    @TempDir Path folder;
    private DemoServer server;

    @BeforeEach
    void load() {
        server = new DemoServer(channel);
        server.loadModel();
        server.forgetAdapters();
    }

    private void swapTo(Path path) {
        var request =
                LoadAdapterRequest.newBuilder()
                        .setModel(MODEL)
                        .setPath(path.toString())
                        .setAdapterId("swapped");
        server.adapters().loadAdapter(request.build());
    }

    private String generated() {
        return text(server.generate(question(image(0)).setAdapter(NAME)));
    }

    private List<Double> scored() {
        ScoreRequest request = DemoServer.score(image(0), ANSWER).setAdapter(NAME).build();
        return server.generation().score(request).getScores(0).getTokenLogprobsList();
    }

    /** Repeats a call until it is told to stop, and keeps all answers. */
    private static <T> Callable<Set<T>> repeated(
            Callable<T> call, AtomicBoolean stop, ConcurrentLinkedQueue<T> answers) {
        return () -> {
            while (!stop.get()) {
                answers.add(call.call());
            }
            return Set.copyOf(answers);
        };
    }

    @Test
    void everyCallIsAnsweredWhollyByOneOfBoth() throws Exception {
        Path one = AdapterFolders.CURE;
        Path two = AdapterFolders.scaled(folder.resolve("two"), -2);
        List<String> texts = new ArrayList<>();
        List<List<Double>> scores = new ArrayList<>();
        for (Path path : List.of(one, two)) {
            swapTo(path);
            texts.add(generated());
            scores.add(scored());
        }
        assertThat(texts.getFirst()).isNotEqualTo(texts.getLast());
        assertThat(scores.getFirst()).isNotEqualTo(scores.getLast());

        var stop = new AtomicBoolean();
        var generated = new ConcurrentLinkedQueue<String>();
        var scored = new ConcurrentLinkedQueue<List<Double>>();
        try (ExecutorService clients = Executors.newFixedThreadPool(5)) {
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                calls.add(clients.submit(repeated(this::generated, stop, generated)));
            }
            for (int i = 0; i < 2; i++) {
                calls.add(clients.submit(repeated(this::scored, stop, scored)));
            }
            for (int swap = 0; swap < SWAPS; swap++) {
                swapTo(swap % 2 == 0 ? one : two);
            }
            stop.set(true);
            for (Future<?> call : calls) {
                // None has failed.
                assertThat(call.get(60, TimeUnit.SECONDS)).isNotNull();
            }
        }
        assertThat(generated).hasSizeGreaterThan(SWAPS).allMatch(texts::contains);
        assertThat(Set.copyOf(generated)).hasSize(2);
        assertThat(scored).hasSizeGreaterThan(SWAPS).allMatch(scores::contains);
        assertThat(Set.copyOf(scored)).hasSize(2);
        assertThat(server.adapterNames()).containsExactly(NAME);
    }
}
