package dev.plumbline.engine.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceExample.Mining;
import dev.plumbline.engine.data.PreferenceExample.Place;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.expr.EngineCompute;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import dev.plumbline.plugins.crop.CropSelector;
import dev.plumbline.plugins.random.RandomSelector;
import dev.plumbline.plugins.similarity.SimilaritySelector;
import dev.plumbline.spi.NegativeSelector;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Scores of all candidates, as a selector's greedy choice of all of them gives them. */
class CandidateScoresTest {
    private static final int POOL = 40;
    private static final Path OWN = Path.of("src/test/resources/llava/images/dots-53x31.png");
    private static final Picture PICTURE = RowEmbeddings.picture(OWN);

    private static TestRuntime runtime;
    private static ColorEmbedder embedder;
    private static TensorPool pool;

    @BeforeAll
    static void open() {
        runtime = new TestRuntime();
        embedder = new ColorEmbedder("colors");
        SplittableRandom random = new SplittableRandom(2);
        int dimension = embedder.dimension();
        float[] vectors = new float[POOL * dimension];
        for (int i = 0; i < POOL; i++) {
            double length = 0;
            for (int j = 0; j < dimension; j++) {
                vectors[i * dimension + j] = (float) random.nextGaussian();
                length += vectors[i * dimension + j] * vectors[i * dimension + j];
            }
            for (int j = 0; j < dimension; j++) {
                vectors[i * dimension + j] /= (float) Math.sqrt(length);
            }
        }
        pool = new TensorPool(Tensor.of(Shape.of(POOL, dimension), vectors));
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    private static CandidateScores score(NegativeSelector selector, int row, int most, long seed) {
        var example =
                new PreferenceExample(
                        new Place(Path.of("rows.jsonl"), row + 1),
                        OWN,
                        "What is it?",
                        "A cat.",
                        "A dog.",
                        Mining.NONE,
                        JsonNodeFactory.instance.objectNode());
        var setup =
                new MiningSetup(
                        new MiningSetup.Strategy(selector, "1", Map.of()),
                        new MiningSetup.Source(
                                pool,
                                Optional.of(embedder),
                                new EngineCompute(runtime.runtime(), DType.F32)),
                        3,
                        new Guard(1e9, 1e9),
                        new MiningSetup.Folders(Path.of("pictures"), Path.of("artefacts")),
                        MiningListener.NONE);
        try (Miner miner = Miner.open(setup, List.of(example, example, example), 0)) {
            return miner.score(row, new CandidateScores.Sample(most, seed));
        }
    }

    @Test
    void eachCandidateHasItsScoreInTheOrderOfThePool() {
        CandidateScores scores = score(new SimilaritySelector(), 0, POOL, 0);
        float[] own = embedder.images(List.of(PICTURE), Cancellation.none())[0];
        assertThat(scores.candidates()).hasSize(POOL);
        for (int i = 0; i < POOL; i++) {
            float[] vector = pool.embeddings().orElseThrow().slice(i, i + 1L).toFloats();
            assertThat(scores.candidates().get(i)).isEqualTo(pool.file(i));
            assertThat(scores.scores().get(i)).isCloseTo(Guard.dot(own, vector), within(1e-6));
        }
        assertThat(scores.greedy()).isTrue();
        assertThat(scores.order())
                .isEqualTo(
                        IntStream.range(0, POOL)
                                .boxed()
                                .sorted(Comparator.comparing(scores.scores()::get).reversed())
                                .toList());
    }

    @Test
    void aSampleIsTheSameWhateverTheSelector() {
        CandidateScores near = score(new SimilaritySelector(), 1, 10, 5);
        CandidateScores random = score(new RandomSelector(), 1, 10, 5);
        assertThat(near.candidates()).hasSize(10).doesNotHaveDuplicates();
        assertThat(random.candidates()).isEqualTo(near.candidates());
        assertThat(score(new RandomSelector(), 2, 10, 5).candidates())
                .isNotEqualTo(random.candidates());
        assertThat(score(new RandomSelector(), 1, 10, 6).candidates())
                .isNotEqualTo(random.candidates());
    }

    @Test
    void aUniformSelectorHasNoGreedyChoice() {
        CandidateScores scores = score(new RandomSelector(), 0, POOL, 0);
        assertThat(scores.greedy()).isFalse();
        assertThat(new HashSet<>(scores.scores())).containsExactly(0.0);
    }

    @Test
    void picturesThatAreMadeCannotBeEnumerated() {
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> score(new CropSelector(), 0, 4, 0))
                .withMessageContaining("the selector crop makes pictures of its own")
                .satisfies(e -> assertThat(e.reason()).isEqualTo("SELECTOR_UNSUITABLE"));
    }
}
