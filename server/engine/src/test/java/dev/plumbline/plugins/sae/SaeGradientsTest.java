package dev.plumbline.plugins.sae;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.expr.EngineCompute;
import dev.plumbline.engine.expr.Gradients;
import dev.plumbline.engine.select.BareWorkshop;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.plugins.sae.Activation.Kind;
import dev.plumbline.spi.Array;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The factorised loss that is fitted, in double precision, against what it stands for. */
class SaeGradientsTest {
    private static final int IMAGE = 24;
    private static final int TEXT = 20;
    private static final int PROMPTS = 3;
    private static final int PAIRS = 4;
    private static final int LATENTS = 5;

    private static TestRuntime runtime;

    private final SplittableRandom random = new SplittableRandom(5);
    private final Map<String, Array> parameters =
            Map.of(
                    Autoencoder.ENCODER, doubles(1, LATENTS, IMAGE, TEXT),
                    Autoencoder.ENCODER_BIAS, doubles(1, LATENTS),
                    Autoencoder.DECODER, doubles(1, LATENTS, IMAGE, TEXT),
                    Autoencoder.DECODER_BIAS, doubles(1, IMAGE, TEXT));
    private final double[] whole = new double[PROMPTS * PAIRS * IMAGE * TEXT];
    private final Map<String, Array> batch = batch();

    @BeforeAll
    static void open() {
        runtime = new TestRuntime();
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    private static Gradients gradients() {
        return new Gradients(runtime.runtime(), DType.F64);
    }

    private static EngineCompute compute() {
        return new EngineCompute(runtime.runtime(), DType.F64);
    }

    private Array doubles(double deviation, int... shape) {
        int size = 1;
        for (int length : shape) {
            size *= length;
        }
        return Array.of(SaeScorerTest.gaussians(random, size, deviation), shape);
    }

    private Map<String, Array> batch() {
        float[][] texts = SaeScorerTest.units(random, PROMPTS, TEXT);
        double[] flatTexts = new double[PROMPTS * TEXT];
        double[] differences = new double[PROMPTS * PAIRS * IMAGE];
        double[] squares = new double[PROMPTS * PAIRS];
        for (int pair = 0; pair < squares.length; pair++) {
            float[] h = texts[pair / PAIRS];
            float[] u =
                    Vectors.minus(
                            SaeScorerTest.unit(random, IMAGE), SaeScorerTest.unit(random, IMAGE));
            for (int i = 0; i < IMAGE; i++) {
                differences[pair * IMAGE + i] = u[i];
                for (int j = 0; j < TEXT; j++) {
                    flatTexts[pair / PAIRS * TEXT + j] = h[j];
                    whole[(pair * IMAGE + i) * TEXT + j] = (double) u[i] * h[j];
                }
            }
            squares[pair] = Vectors.dot(u, u) * Vectors.dot(h, h);
        }
        return Map.of(
                "texts", Array.of(flatTexts, PROMPTS, TEXT),
                "differences", Array.of(differences, PROMPTS, PAIRS, IMAGE),
                "squares", Array.of(squares, squares.length));
    }

    private static SaeOptions options(Kind kind) {
        return new SaeOptions(
                LATENTS, 1, 1e-3, 0.05, 1, new Activation(kind, 2), PROMPTS, PAIRS, 0);
    }

    private SaeFit fit(Kind kind) {
        float[][] images = SaeScorerTest.units(random, 3, IMAGE);
        float[][] texts = SaeScorerTest.units(random, 3, TEXT);
        var workshop = new BareWorkshop(SaeScorerTest.pool(images), images, texts, compute(), 0);
        return new SaeFit(workshop, options(kind), new int[] {0, 1, 2});
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void areThoseOfTheWrittenOutLoss(Kind kind) {
        Map<String, Array> fast = gradients().of(fit(kind)::loss, parameters, batch);
        Map<String, Array> printed =
                gradients()
                        .of(
                                v -> PrintedLoss.of(v, options(kind), IMAGE, TEXT),
                                parameters,
                                Map.of("d", Array.of(whole, PROMPTS * PAIRS, IMAGE * TEXT)));
        printed.forEach((name, expected) -> {
            Array actual = Autoencoder.at(fast, name);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(actual.get(i))
                        .as("%s[%d]", name, i)
                        .isCloseTo(
                                expected.get(i),
                                within(1e-9 * Math.max(1, Math.abs(expected.get(i)))));
            }
        });
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void areFiniteDifferences(Kind kind) {
        SaeFit fit = fit(kind);
        Map<String, Array> gradients = gradients().of(fit::loss, parameters, batch);
        double step = 1e-5;
        for (String name : parameters.keySet()) {
            Array gradient = Autoencoder.at(gradients, name);
            for (int trial = 0; trial < 4; trial++) {
                int entry = random.nextInt(gradient.size());
                double numeric =
                        (loss(fit, name, entry, step) - loss(fit, name, entry, -step)) / (2 * step);
                assertThat(gradient.get(entry))
                        .as("%s[%d]", name, entry)
                        .isCloseTo(numeric, within(1e-7 * Math.max(1, Math.abs(numeric))));
            }
        }
    }

    private double loss(SaeFit fit, String name, int entry, double step) {
        Array array = Autoencoder.at(parameters, name);
        double[] values = array.doubles().clone();
        values[entry] += step;
        Map<String, Array> moved = new HashMap<>(parameters);
        moved.put(name, Array.of(values, array.shape()));
        return Autoencoder.at(gradients().of(fit::loss, moved, batch), "").get(0);
    }
}
