package dev.plumbline.engine.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceExample.Mining;
import dev.plumbline.engine.data.PreferenceExample.Place;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import dev.plumbline.spi.Choice;
import dev.plumbline.spi.Chooser;
import dev.plumbline.spi.Negative;
import dev.plumbline.spi.NegativeSelector;
import dev.plumbline.spi.OptionSpec;
import dev.plumbline.spi.Options;
import dev.plumbline.spi.Workshop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MiningReportDataTest {
    private static final int ROWS = 40;

    @TempDir Path folder;

    /** Chooses the first one for every row, and one other. */
    private static final class Shower implements NegativeSelector {
        @Override
        public String name() {
            return "shower";
        }

        @Override
        public List<OptionSpec> options() {
            return List.of(
                    OptionSpec.number("width", 2.5, 0, 10, "Of it."),
                    OptionSpec.number("height", 1, 0, 10, "Of it."));
        }

        @Override
        public Chooser open(Workshop workshop, Options options) {
            workshop.report("dead_latents", 3);
            workshop.exhibit("latent 4", 17, 0.75);
            return selection -> {
                int other = selection.random().nextInt(1, selection.candidates().size());
                return Choice.greedy(
                        List.of(
                                Negative.of(0, 2).with(List.of(new Negative.Latent(4, 1))),
                                Negative.of(other, 1).with(List.of(new Negative.Latent(5, 1)))));
            };
        }
    }

    private static Pool embedded(int size) {
        SplittableRandom random = new SplittableRandom(1);
        float[] flat = new float[size * 8];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = (float) random.nextGaussian();
        }
        return new TensorPool(Tensor.of(Shape.of(size, 8), flat));
    }

    private MiningSetup setup(Pool pool) {
        return new MiningSetup(
                new MiningSetup.Strategy(new Shower(), "1.2", Map.of("height", "4")),
                new MiningSetup.Source(pool, Optional.empty(), new NoCompute()),
                2,
                Guard.DEFAULT,
                new MiningSetup.Folders(folder.resolve("made"), folder.resolve("artefacts")),
                MiningListener.NONE);
    }

    private static List<PreferenceExample> rows() {
        return IntStream.rangeClosed(1, ROWS)
                .mapToObj(line ->
                        new PreferenceExample(
                                new Place(Path.of("rows.jsonl"), line),
                                Path.of("own.png"),
                                "What is row " + line + "?",
                                "A cat.",
                                "A dog.",
                                Mining.NONE,
                                JsonNodeFactory.instance
                                        .objectNode()
                                        .put("prompt", "What is row " + line + "?")))
                .toList();
    }

    private Path write(Pool pool, String name, long seed) {
        Path file = folder.resolve(name);
        MiningSetup setup = setup(pool);
        try (Miner miner = Miner.open(setup, rows(), seed)) {
            List<PreferenceExample> mined =
                    IntStream.range(0, rows().size()).mapToObj(miner::mine).toList();
            MiningReportData.write(
                    file,
                    setup,
                    new MiningReportData.Origin("the pool", "the clip", seed),
                    mined,
                    miner.showings());
        }
        return file;
    }

    private static JsonNode read(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    @Test
    void tellsHowItWasMined() throws IOException {
        JsonNode data = read(write(embedded(60), "a.json", 5));
        assertThat(data.path("selector").asText()).isEqualTo("shower");
        assertThat(data.path("selector_version").asText()).isEqualTo("1.2");
        // Given ones and defaults.
        assertThat(data.path("options").path("height").asText()).isEqualTo("4");
        assertThat(data.path("options").path("width").asText()).isEqualTo("2.5");
        assertThat(data.path("k").asInt()).isEqualTo(2);
        assertThat(data.path("seed").asInt()).isEqualTo(5);
        assertThat(data.path("pool").asText()).isEqualTo("the pool");
        assertThat(data.path("pool_size").asInt()).isEqualTo(60);
        assertThat(data.path("clip").asText()).isEqualTo("the clip");
        assertThat(data.path("rows").asInt()).isEqualTo(ROWS);
        assertThat(data.path("sampling").asText()).isEqualTo("greedy");
        assertThat(data.path("reports").path("dead_latents").asDouble()).isEqualTo(3);
        JsonNode exhibit = data.path("exhibits").path(0);
        assertThat(exhibit.path("what").asText()).isEqualTo("latent 4");
        assertThat(Path.of(exhibit.path("image").asText())).isAbsolute().hasFileName("17.png");
        assertThat(exhibit.path("value").asDouble()).isEqualTo(0.75);
    }

    @Test
    void showsRowsWhateverTheSetsFormat() throws IOException {
        JsonNode shown = read(write(embedded(60), "a.json", 5)).path("shown");
        assertThat(shown).hasSize(16);
        assertThat(shown.path(0).path("prompt").asText()).isEqualTo("What is row 1?");
        assertThat(shown.path(15).path("prompt").asText()).isEqualTo("What is row 38?");
        JsonNode negatives = shown.path(3).path("negative_images");
        assertThat(negatives).hasSize(2);
        assertThat(Path.of(negatives.path(0).path("image").asText()))
                .isAbsolute()
                .hasFileName("0.png");
        assertThat(negatives.path(0).path("score").asDouble()).isEqualTo(2);
        assertThat(negatives.path(0).path("latents").path(0).path("index").asInt()).isEqualTo(4);
    }

    @Test
    void latentsWithNothingInCommonHaveNoCosine() throws IOException {
        JsonNode figures = read(write(embedded(60), "a.json", 5)).path("figures");
        assertThat(figures.path("latent_cosine").asDouble(-1)).isZero();
        assertThat(figures.path("collapsed_rows").asDouble(-1)).isZero();
        assertThat(figures.path("distinct_negatives").asInt()).isBetween(10, 1 + ROWS);
        // Nobody looked: there was no CLIP model.
        assertThat(figures.has("excluded_false_negatives")).isFalse();
    }

    private static List<JsonNode> points(JsonNode data, String kind) {
        return StreamSupport.stream(data.path("map").path("points").spliterator(), false)
                .filter(point -> point.path("kind").asText().equals(kind))
                .toList();
    }

    @Test
    void mapsWhatWasChosenAndASampleOfThePool() throws IOException {
        JsonNode data = read(write(embedded(400), "a.json", 5));
        List<JsonNode> chosen = points(data, "chosen");
        List<JsonNode> random = points(data, "random");
        int distinct = data.path("figures").path("distinct_negatives").asInt();
        assertThat(chosen).hasSize(distinct);
        assertThat(random).hasSize(300);
        assertThat(chosen)
                .anySatisfy(point -> {
                    assertThat(point.path("image").asText()).endsWith("/0.png");
                    assertThat(point.path("rows").asInt()).isEqualTo(ROWS);
                });
        for (JsonNode point : data.path("map").path("points")) {
            assertThat(point.path("x").asDouble(Double.NaN)).isFinite();
            assertThat(point.path("y").asDouble(Double.NaN)).isFinite();
        }
        // A picture that is both has one place.
        for (JsonNode one : chosen) {
            assertThat(random)
                    .filteredOn(other -> other.path("image").equals(one.path("image")))
                    .allSatisfy(other -> assertThat(other.path("x")).isEqualTo(one.path("x")));
        }
    }

    @Test
    void theSameMiningWritesTheSameBytes() throws IOException {
        Path once = write(embedded(60), "a.json", 5);
        assertThat(write(embedded(60), "b.json", 5)).hasSameBinaryContentAs(once);
        assertThat(Files.readString(write(embedded(60), "c.json", 6)))
                .isNotEqualTo(Files.readString(once));
    }

    @Test
    void withoutEmbeddingsThereIsNoMap() throws IOException {
        Path pool = Files.createDirectory(folder.resolve("pool"));
        for (int i = 0; i < 20; i++) {
            Files.write(pool.resolve(i + ".png"), new byte[] {1});
        }
        JsonNode data = read(write(CandidatePool.images(pool), "a.json", 5));
        assertThat(data.has("map")).isFalse();
        assertThat(data.path("figures").has("pairwise_cosine")).isFalse();
    }

    @Test
    void aFolderThatIsNotThereIsNamed() {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> write(embedded(60), "absent/a.json", 5))
                .withMessageContaining("absent")
                .satisfies(e -> assertThat(e.reason()).isEqualTo("FILE_NOT_WRITABLE"));
    }
}
