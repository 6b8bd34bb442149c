package dev.plumbline.plugins.sae;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.expr.EngineCompute;
import dev.plumbline.engine.image.ImageDecoder;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.model.ClipModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.select.BareWorkshop;
import dev.plumbline.engine.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The selector on what the demo world's CLIP says of the demo's pictures and questions. */
class SaeDemoTest {
    private static final Path DEMO = Path.of("../../eval-harness/demo");
    private static final int ROWS = 60;
    private static final int CANDIDATES = 250;
    private static final Activation KL = new Activation(Activation.Kind.KL, 1);

    @TempDir private Path cache;

    private static float[][] embed(ClipModel clip, List<Path> files) throws IOException {
        List<Picture> pictures = new ArrayList<>();
        for (Path file : files) {
            pictures.add(ImageDecoder.decode(Files.readAllBytes(file), file.toString()));
        }
        return clip.images(pictures, Cancellation.none());
    }

    @Test
    void scoresAreTheWrittenOutOnesAndTheFitIsNoConstant() throws IOException {
        List<Path> images = new ArrayList<>();
        List<String> questions = new ArrayList<>();
        List<String> lines = Files.readAllLines(DEMO.resolve("data/preferences.jsonl"));
        for (String line : lines.subList(0, ROWS)) {
            JsonNode row = new ObjectMapper().readTree(line);
            images.add(DEMO.resolve("data").resolve(row.get("image").asText()));
            questions.add(row.get("question").asText());
        }
        List<Path> files =
                IntStream.range(0, CANDIDATES)
                        .mapToObj(i -> DEMO.resolve("data/pool/%04d.jpg".formatted(i)))
                        .toList();
        try (TestRuntime runtime = new TestRuntime();
                ClipModel clip = ClipModel.load(DEMO.resolve("clip"), cache, runtime.runtime())) {
            float[][] pool = embed(clip, files);
            float[][] texts = clip.texts(questions, Cancellation.none());
            var compute = new EngineCompute(runtime.runtime(), DType.F32);
            var workshop =
                    new BareWorkshop(
                            SaeScorerTest.pool(pool), embed(clip, images), texts, compute, 0);
            var options = SaeScorerTest.options(Map.of("steps", "300"));
            new SaeSelector().open(workshop, options).close();
            assertThat(workshop.reports().get("explained_variance")).isGreaterThan(0.3);
            assertThat(workshop.reports().get("dead_latents")).isLessThan(13);
            assertThat(workshop.reports().get("mean_activation")).isBetween(0.02, 0.1);
            assertThat(workshop.reports()).containsEntry("poor_fit", 0.0);
            judge(workshop, compute, pool);
        }
    }

    private static void judge(BareWorkshop workshop, EngineCompute compute, float[][] pool) {
        Autoencoder fitted = Autoencoder.of(workshop.saved().values().iterator().next());
        try (var scorer = new SaeScorer(fitted, KL, compute)) {
            for (int row = 0; row < 3; row++) {
                float[] own = workshop.imageEmbedding(row);
                float[] text = workshop.promptEmbedding(row);
                SaeScorerTest.compare(
                        scorer.score(own, text, workshop.pool()),
                        new WrittenOut(fitted, KL, own, text, pool),
                        1e-5);
            }
        }
    }
}
