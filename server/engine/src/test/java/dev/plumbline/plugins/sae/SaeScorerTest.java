package dev.plumbline.plugins.sae;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.expr.DeclaredOptions;
import dev.plumbline.engine.expr.EngineCompute;
import dev.plumbline.engine.select.BareWorkshop;
import dev.plumbline.engine.select.TensorPool;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import dev.plumbline.plugins.sae.Activation.Kind;
import dev.plumbline.plugins.sae.SaeScorer.Scored;
import dev.plumbline.spi.Choice;
import dev.plumbline.spi.Chooser;
import dev.plumbline.spi.Negative;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SaeScorerTest {
    private static final int IMAGE = 24;
    private static final int TEXT = 20;
    private static final int CANDIDATES = 300;

    private static final Activation KL = new Activation(Kind.KL, 1);

    private static TestRuntime runtime;

    @BeforeAll
    static void open() {
        runtime = new TestRuntime();
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    private static EngineCompute compute(DType precision) {
        return new EngineCompute(runtime.runtime(), precision);
    }

    static double[] gaussians(SplittableRandom random, int count, double deviation) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = deviation * random.nextGaussian();
        }
        return values;
    }

    static float[] unit(SplittableRandom random, int dimension) {
        double[] values = gaussians(random, dimension, 1);
        double length = 0;
        for (double value : values) {
            length += value * value;
        }
        float[] unit = new float[dimension];
        for (int i = 0; i < dimension; i++) {
            unit[i] = (float) (values[i] / Math.sqrt(length));
        }
        return unit;
    }

    static float[][] units(SplittableRandom random, int count, int dimension) {
        float[][] all = new float[count][];
        for (int i = 0; i < count; i++) {
            all[i] = unit(random, dimension);
        }
        return all;
    }

    static TensorPool pool(float[][] vectors) {
        int dimension = vectors[0].length;
        float[] flat = new float[vectors.length * dimension];
        for (int i = 0; i < vectors.length; i++) {
            System.arraycopy(vectors[i], 0, flat, i * dimension, dimension);
        }
        return new TensorPool(Tensor.of(Shape.of(vectors.length, dimension), flat));
    }

    private static Autoencoder random(SplittableRandom random, int latents) {
        int size = IMAGE * TEXT;
        return new Autoencoder(
                WrittenOut.floats(gaussians(random, latents * size, 2), latents, IMAGE, TEXT),
                WrittenOut.floats(gaussians(random, latents, 1), latents),
                WrittenOut.floats(gaussians(random, latents * size, 0.02), latents, IMAGE, TEXT),
                WrittenOut.floats(gaussians(random, size, 0.01), IMAGE, TEXT),
                WrittenOut.floats(gaussians(random, size, 0.01), IMAGE, TEXT));
    }

    @ParameterizedTest
    @CsvSource({
        "F32, KL, 1e-5",
        "F32, L1, 1e-5",
        "F32, TOP_K, 1e-5",
        "F64, KL, 1e-9",
        "F64, L1, 1e-9",
        "F64, TOP_K, 1e-9"
    })
    void theFastPathIsTheWrittenOutOne(DType precision, Kind kind, double tolerance) {
        Activation activation = new Activation(kind, 3);
        SplittableRandom random = new SplittableRandom(7);
        float[][] candidates = units(random, CANDIDATES, IMAGE);
        var workshop =
                new BareWorkshop(
                        pool(candidates), new float[0][], new float[0][], compute(precision), 0);
        try (var scorer = new SaeScorer(random(random, 16), activation, compute(precision))) {
            for (int row = 0; row < 3; row++) {
                float[] own = unit(random, IMAGE);
                float[] text = unit(random, TEXT);
                var judge =
                        new WrittenOut(
                                random(new SplittableRandom(7)), activation, own, text, candidates);
                Scored scored = scorer.score(own, text, workshop.pool());
                compare(scored, judge, tolerance);
            }
        }
    }

    /** The same as in the test: the generator is where it was after the candidates. */
    private static Autoencoder random(SplittableRandom random) {
        units(random, CANDIDATES, IMAGE);
        return random(random, 16);
    }

    static void compare(Scored scored, WrittenOut judge, double tolerance) {
        double[] expected = judge.scores();
        double[] scores = scored.scores();
        for (int i = 0; i < scores.length; i++) {
            assertThat(scores[i])
                    .as("score of candidate %d", i)
                    .isCloseTo(expected[i], within(tolerance * expected[i]));
            assertThat(scored.errors()[i])
                    .as("error of candidate %d", i)
                    .isCloseTo(judge.errors()[i], within(tolerance * judge.errors()[i]));
        }
        int k = 5;
        List<Negative> chosen = new Greedy(scored, scores, 1).choose(k);
        List<double[]> values = judge.greedy(k, 1);
        double best = values.getFirst()[chosen.getFirst().index()];
        assertThat(best).isGreaterThan(max(values.getFirst()) - 1e-5);
        boolean same = true;
        for (int pick = 0; pick < k && same; pick++) {
            int index = chosen.get(pick).index();
            double most = max(values.get(pick));
            assertThat(values.get(pick)[index]).as("pick %d", pick).isGreaterThan(most - 1e-5);
            // Where two lie that near to each other, what follows may differ.
            same = values.get(pick)[index] == most;
        }
        assertThat(same).isTrue();
    }

    private static double max(double[] values) {
        double most = Double.NEGATIVE_INFINITY;
        for (double value : values) {
            most = Math.max(most, value);
        }
        return most;
    }

    /** Two prompts, pictures around a few centers: something to learn. */
    private static BareWorkshop clusters(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[][] centers = units(random, 6, IMAGE);
        return new BareWorkshop(
                pool(around(random, centers, 400)),
                around(random, centers, 40),
                around(random, units(random, 2, TEXT), 40),
                compute(DType.F32),
                seed);
    }

    private static float[][] around(SplittableRandom random, float[][] centers, int count) {
        float[][] all = new float[count][];
        for (int i = 0; i < count; i++) {
            float[] center = centers[i % centers.length];
            float[] noise = unit(random, center.length);
            double length = 0;
            float[] sum = new float[center.length];
            for (int j = 0; j < sum.length; j++) {
                sum[j] = center[j] + 0.2f * noise[j];
                length += sum[j] * sum[j];
            }
            for (int j = 0; j < sum.length; j++) {
                sum[j] /= (float) Math.sqrt(length);
            }
            all[i] = sum;
        }
        return all;
    }

    static DeclaredOptions options(Map<String, String> given) {
        SaeSelector selector = new SaeSelector();
        return DeclaredOptions.of(selector.name(), selector.options(), given);
    }

    private static final Map<String, String> SMALL =
            Map.of(
                    "latents", "16",
                    "rho", "0.1",
                    "steps", "400",
                    "learning_rate", "0.01",
                    "prompts", "8",
                    "pairs", "8");

    @Test
    void aFittedAutoencoderExplainsAndItsScoresHold() {
        BareWorkshop workshop = clusters(1);
        try (Chooser chooser = new SaeSelector().open(workshop, options(SMALL))) {
            assertThat(workshop.reports().get("explained_variance")).isGreaterThan(0.6);
            assertThat(workshop.reports().get("dead_latents")).isLessThan(4);
            assertThat(workshop.reports().get("mean_activation")).isBetween(0.05, 0.2);
            assertThat(workshop.calls()).isGreaterThan(400);
            assertThat(workshop.exhibits()).hasSizeGreaterThan(40);
            Autoencoder fitted = Autoencoder.of(workshop.saved().values().iterator().next());
            float[][] candidates = new float[400][];
            for (int i = 0; i < candidates.length; i++) {
                candidates[i] = workshop.pool().embedding(i);
            }
            float[] own = workshop.imageEmbedding(3);
            float[] text = workshop.promptEmbedding(3);
            var judge = new WrittenOut(fitted, KL, own, text, candidates);
            try (var scorer = new SaeScorer(fitted, KL, workshop.compute())) {
                compare(scorer.score(own, text, workshop.pool()), judge, 1e-5);
            }
            Choice choice = chooser.choose(workshop.row(3, 5, 0));
            assertThat(choice.sampling()).isEqualTo(Choice.GREEDY);
            assertThat(choice.negatives()).extracting(Negative::index).doesNotHaveDuplicates();
            assertThat(choice.negatives().getFirst().latents()).hasSize(16);
        }
    }

    @Test
    void theFitIsReusedAndSaysTheSame() {
        BareWorkshop workshop = clusters(2);
        Choice first;
        try (Chooser chooser = new SaeSelector().open(workshop, options(SMALL))) {
            first = chooser.choose(workshop.row(1, 3, 9));
        }
        Map<String, Double> reports = Map.copyOf(workshop.reports());
        List<String> exhibits = List.copyOf(workshop.exhibits());
        workshop.exhibits().clear();
        long calls = workshop.calls();
        try (Chooser again = new SaeSelector().open(workshop, options(SMALL))) {
            assertThat(again.choose(workshop.row(1, 3, 9))).isEqualTo(first);
        }
        assertThat(workshop.calls() - calls).isLessThan(300);
        assertThat(workshop.reports()).isEqualTo(reports);
        assertThat(workshop.exhibits()).isEqualTo(exhibits);
        assertThat(workshop.saved()).hasSize(1);
        try (Chooser other = new SaeSelector().open(clusters(2), options(SMALL))) {
            assertThat(other.choose(workshop.row(1, 3, 9))).isEqualTo(first);
        }
    }

    @Test
    void aSingleRowTakesWhatWasFittedOnOthers() {
        BareWorkshop workshop = clusters(2);
        new SaeSelector().open(workshop, options(SMALL)).close();
        assertThat(workshop.reports()).containsEntry("fitted_on_other_rows", 0.0);
        Map<String, String> others = new HashMap<>(SMALL);
        others.put("rho", "0.2");
        BareWorkshop one = workshop.only(1);
        try (Chooser chooser = new SaeSelector().open(one, options(others))) {
            assertThat(chooser.choose(one.row(0, 3, 0)).negatives()).hasSize(3);
        }
        assertThat(one.reports()).containsEntry("fitted_on_other_rows", 1.0);
        assertThat(one.saved()).hasSize(1);
    }

    @Test
    void aConstantAutoencoderIsToldToBePoor() {
        Map<String, String> hardly = new HashMap<>(SMALL);
        hardly.put("steps", "300");
        hardly.put("gamma", "1000");
        hardly.put("rho", "0.0001");
        BareWorkshop workshop = clusters(5);
        new SaeSelector().open(workshop, options(hardly)).close();
        assertThat(workshop.reports()).containsEntry("poor_fit", 1.0);
    }

    @Test
    void drawnOnesHaveProbabilitiesAndWeights() {
        BareWorkshop workshop = clusters(3);
        Map<String, String> drawn = new HashMap<>(SMALL);
        drawn.put("sampling", Choice.WITHOUT_REPLACEMENT);
        try (Chooser chooser = new SaeSelector().open(workshop, options(drawn))) {
            Choice choice = chooser.choose(workshop.row(0, 4, 1));
            assertThat(choice.temperature()).isFinite().isPositive();
            assertThat(choice.negatives())
                    .allMatch(n -> n.logQ() < 0 && n.logWeight() > 0 && !n.latents().isEmpty());
            assertThat(chooser.choose(workshop.row(0, 4, 1))).isEqualTo(choice);
            assertThat(chooser.choose(workshop.row(0, 4, 2))).isNotEqualTo(choice);
        }
    }
}
