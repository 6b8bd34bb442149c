package dev.plumbline.server;

import static dev.plumbline.server.DemoServer.MODEL;
import static dev.plumbline.server.DemoServer.image;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.v1.CreateRunRequest;
import dev.plumbline.v1.Run;
import dev.plumbline.v1.RunEvent;
import dev.plumbline.v1.ScoreRequest;
import dev.plumbline.v1.StepMetrics;
import dev.plumbline.v1.TrainingSpec;
import dev.plumbline.v1.WatchRunRequest;
import io.grpc.Channel;
import io.quarkus.grpc.GrpcClient;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the model says without an adapter is computed once, for runs and for scores. */
@QuarkusTest
class RunReferencesTest {
    @GrpcClient("plumbline")
    Channel channel;

    @TempDir Path folder;
    private DemoServer server;

    @BeforeEach
    void load() {
        server = new DemoServer(channel);
        server.loadModel();
    }

    private List<StepMetrics> run(String data, String output) {
        TrainingSpec.Builder spec =
                TrainingSpec.newBuilder()
                        .setModel(MODEL)
                        .setData(data)
                        .setLoss("dpo")
                        .setRank(4)
                        .setAlpha(8)
                        .setBatchSize(2)
                        .setEpochs(2)
                        .setLearningRate(1e-3)
                        .setOutput(folder.resolve(output).toString());
        Run run = server.training().createRun(CreateRunRequest.newBuilder().setSpec(spec).build());
        List<StepMetrics> steps = new ArrayList<>();
        Run last = run;
        var events =
                server.training()
                        .watchRun(WatchRunRequest.newBuilder().setName(run.getName()).build());
        while (events.hasNext()) {
            RunEvent event = events.next();
            if (event.hasStep()) {
                steps.add(event.getStep());
            }
            last = event.hasRun() ? event.getRun() : last;
        }
        assertThat(last.getState()).as(last.getError()).isEqualTo(Run.State.SUCCEEDED);
        return steps;
    }

    private byte[] adapter(String output) throws IOException {
        return Files.readAllBytes(folder.resolve(output).resolve("adapter_model.safetensors"));
    }

    private static long passes(List<StepMetrics> steps) {
        return steps.stream().mapToLong(StepMetrics::getReferencePasses).sum();
    }

    private static long hits(List<StepMetrics> steps) {
        return steps.stream().mapToLong(StepMetrics::getReferenceHits).sum();
    }

    /** Bytes of all segments of all models. */
    private static long cached() throws IOException {
        Path root =
                Path.of(ConfigProvider.getConfig().getValue("plumbline.home", String.class))
                        .resolve("cache/reference");
        long bytes = 0;
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }

    @Test
    void aSecondRunMakesNoReferencePassAndScoresFindWhatRunsComputed() throws IOException {
        // Answers that no earlier test has asked for.
        String answer = "A ball, number " + UUID.randomUUID() + ".";
        Path rows = folder.resolve("rows.jsonl");
        Path images = TestApi.demo().resolve("data/images");
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            lines.add(
                    "{\"image\": \"%s\", \"prompt\": \"%s\", \"chosen\": \"%s\", \"rejected\": \"A cup, %s\"}"
                            .formatted(
                                    images.resolve("%04d.jpg".formatted(i)),
                                    DemoServer.QUESTION,
                                    answer,
                                    answer));
        }
        Files.write(rows, lines);
        List<StepMetrics> cold = run(rows.toString(), "cold");
        assertThat(passes(cold)).isEqualTo(8);
        assertThat(hits(cold)).isEqualTo(8);
        List<StepMetrics> warm = run(rows.toString(), "warm");
        assertThat(passes(warm)).isZero();
        assertThat(hits(warm)).isEqualTo(16);
        assertThat(adapter("warm")).isEqualTo(adapter("cold"));

        long before = cached();
        ScoreRequest.Builder score = DemoServer.score(image(0), answer);
        assertThat(server.generation().score(score.build()).getScoresCount()).isEqualTo(1);
        assertThat(cached()).as("the run has kept it").isEqualTo(before);
        server.generation().score(score.setAnswer(answer + " Or two.").build());
        assertThat(cached()).isGreaterThan(before);
    }
}
