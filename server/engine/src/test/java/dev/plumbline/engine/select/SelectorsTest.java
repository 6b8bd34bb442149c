package dev.plumbline.engine.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.expr.DeclaredOptions;
import dev.plumbline.engine.expr.EngineCompute;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import dev.plumbline.plugins.crop.CropSelector;
import dev.plumbline.plugins.noise.NoiseSelector;
import dev.plumbline.plugins.random.RandomSelector;
import dev.plumbline.plugins.similarity.SimilaritySelector;
import dev.plumbline.spi.Choice;
import dev.plumbline.spi.Chooser;
import dev.plumbline.spi.Negative;
import dev.plumbline.spi.NegativeSelector;
import dev.plumbline.spi.Raster;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The selectors that come with the server, but for the autoencoder, on random embeddings. */
class SelectorsTest {
    private static final int POOL = 200;
    private static final int DIMENSION = 12;

    private static TestRuntime runtime;
    private static BareWorkshop workshop;
    private static double[] cosines;

    @BeforeAll
    static void open() {
        runtime = new TestRuntime();
        SplittableRandom random = new SplittableRandom(3);
        float[] own = unit(random);
        float[] flat = new float[POOL * DIMENSION];
        cosines = new double[POOL];
        for (int i = 0; i < POOL; i++) {
            float[] vector = unit(random);
            System.arraycopy(vector, 0, flat, i * DIMENSION, DIMENSION);
            cosines[i] = Guard.dot(own, vector);
        }
        workshop =
                new BareWorkshop(
                        new TensorPool(Tensor.of(Shape.of(POOL, DIMENSION), flat)),
                        new float[][] {own},
                        new float[][] {own},
                        new EngineCompute(runtime.runtime(), DType.F32),
                        0);
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    private static float[] unit(SplittableRandom random) {
        float[] vector = new float[DIMENSION];
        double length = 0;
        for (int i = 0; i < DIMENSION; i++) {
            vector[i] = (float) random.nextGaussian();
            length += vector[i] * vector[i];
        }
        for (int i = 0; i < DIMENSION; i++) {
            vector[i] /= (float) Math.sqrt(length);
        }
        return vector;
    }

    private static Choice choose(
            NegativeSelector selector, int k, long seed, Map<String, String> options) {
        DeclaredOptions declared = DeclaredOptions.of(selector.name(), selector.options(), options);
        try (Chooser chooser = selector.open(workshop, declared)) {
            return chooser.choose(workshop.row(0, k, seed));
        }
    }

    private static int[] nearest(double margin) {
        return IntStream.range(0, POOL)
                .filter(i -> cosines[i] <= margin)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -cosines[i]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    @ParameterizedTest
    @ValueSource(doubles = {1, 0.4, 0})
    void similarityTakesTheNearestWithinTheMargin(double margin) {
        Map<String, String> options = Map.of("margin", Double.toString(margin));
        Choice choice = choose(new SimilaritySelector(), 5, 0, options);
        int[] expected = Arrays.copyOf(nearest(margin), 5);
        assertThat(choice.negatives().stream().mapToInt(Negative::index))
                .containsExactly(Arrays.stream(expected).boxed().toArray(Integer[]::new));
        for (Negative negative : choice.negatives()) {
            assertThat(negative.score()).isCloseTo(cosines[negative.index()], within(1e-6));
        }
        assertThat(choice.sampling()).isEqualTo(Choice.GREEDY);
    }

    @Test
    void similarityDrawsNearOnesMoreOften() {
        Map<String, String> options = Map.of("sampling", Choice.WITHOUT_REPLACEMENT);
        double sum = 0;
        for (int seed = 0; seed < 50; seed++) {
            Choice choice = choose(new SimilaritySelector(), 4, seed, options);
            assertThat(choice.negatives()).allMatch(n -> n.logQ() < 0 && n.logWeight() > 0);
            assertThat(choice.temperature()).isPositive();
            sum += choice.negatives().stream().mapToDouble(Negative::score).average().orElseThrow();
        }
        assertThat(sum / 50).isGreaterThan(Arrays.stream(cosines).average().orElseThrow() + 0.2);
        assertThatThrownBy(() -> choose(new SimilaritySelector(), 4, 0, Map.of("margin", "-1")))
                .hasMessageContaining("only 0 candidates");
    }

    @Test
    void bandsGiveAsManyEachAndWeightsMakeTheSumUnbiased() {
        int[] order = nearest(1);
        double[] values = Arrays.stream(cosines).map(Math::exp).toArray();
        double total = Arrays.stream(values).sum();
        Map<String, String> options = Map.of("bands", "4");
        int rounds = 4000;
        double sum = 0;
        double squares = 0;
        for (int seed = 0; seed < rounds; seed++) {
            Choice choice = choose(new RandomSelector(), 6, seed, options);
            Set<Integer> bands = new HashSet<>();
            double estimate = 0;
            for (Negative negative : choice.negatives()) {
                int rank = IntStream.range(0, POOL).filter(i -> order[i] == negative.index()).sum();
                bands.add(rank / (POOL / 4));
                estimate += values[negative.index()] * Math.exp(negative.logWeight());
                assertThat(negative.logQ()).isCloseTo(-Math.log(POOL), within(1e-12));
            }
            assertThat(bands).hasSize(4);
            sum += estimate;
            squares += estimate * estimate;
        }
        double mean = sum / rounds;
        double error = Math.sqrt((squares / rounds - mean * mean) / rounds);
        assertThat(error).isLessThan(0.01 * total);
        assertThat(mean).isCloseTo(total, within(3 * error));
    }

    private static Raster picture(Negative negative) {
        return Objects.requireNonNull(negative.picture());
    }

    @ParameterizedTest
    @ValueSource(strings = {"crop", "mask", "rotate", "blur", "black"})
    void spoiltPicturesDifferAndFollowTheSeed(String kind) {
        Map<String, String> options = Map.of("kind", kind);
        Choice choice = choose(new CropSelector(), 3, 8, options);
        Raster own = workshop.row(0, 1, 0).image();
        List<byte[]> seen = choice.negatives().stream().map(n -> picture(n).rgb()).toList();
        for (Negative negative : choice.negatives()) {
            Raster made = picture(negative);
            assertThat(negative.index()).isEqualTo(-1);
            assertThat(made.rgb()).isNotEqualTo(own.rgb());
            if (kind.equals("crop")) {
                assertThat(made.width() * made.height()).isLessThanOrEqualTo(40 * 30 / 4);
            } else {
                assertThat(made.width()).isEqualTo(40);
                assertThat(made.height()).isEqualTo(30);
            }
        }
        assertThat(seen.get(0)).isNotEqualTo(seen.get(1));
        Choice again = choose(new CropSelector(), 3, 8, options);
        for (int i = 0; i < 3; i++) {
            assertThat(picture(again.negatives().get(i)).rgb()).isEqualTo(seen.get(i));
        }
    }

    @Test
    void aBlurredPictureIsSmootherAndAsBright() {
        Raster own = workshop.row(0, 1, 0).image();
        Raster blurred =
                picture(
                        choose(new CropSelector(), 1, 1, Map.of("kind", "blur"))
                                .negatives()
                                .getFirst());
        assertThat(mean(blurred)).isCloseTo(mean(own), within(4.0));
        assertThat(deviation(blurred)).isLessThan(deviation(own) / 2);
    }

    private static double mean(Raster picture) {
        double sum = 0;
        for (byte value : picture.rgb()) {
            sum += value & 0xff;
        }
        return sum / picture.rgb().length;
    }

    private static double deviation(Raster picture) {
        double mean = mean(picture);
        double sum = 0;
        for (byte value : picture.rgb()) {
            sum += Math.pow((value & 0xff) - mean, 2);
        }
        return Math.sqrt(sum / picture.rgb().length);
    }

    @Test
    void noiseGrowsWithTheStep() {
        Raster own = workshop.row(0, 1, 0).image();
        double before = -1;
        for (int step : List.of(1, 200, 500, 1000)) {
            Map<String, String> options = Map.of("step", Integer.toString(step));
            Choice choice = choose(new NoiseSelector(), 2, 4, options);
            Raster made = picture(choice.negatives().getFirst());
            double distance = 0;
            for (int i = 0; i < own.rgb().length; i++) {
                distance += Math.abs((made.rgb()[i] & 0xff) - (own.rgb()[i] & 0xff));
            }
            assertThat(distance).isGreaterThan(before);
            before = distance;
            assertThat(picture(choice.negatives().get(1)).rgb()).isNotEqualTo(made.rgb());
            assertThat(
                            picture(
                                            choose(new NoiseSelector(), 2, 4, options)
                                                    .negatives()
                                                    .getFirst())
                                    .rgb())
                    .isEqualTo(made.rgb());
        }
    }
}
