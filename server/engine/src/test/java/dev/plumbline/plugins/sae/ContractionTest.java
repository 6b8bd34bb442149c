package dev.plumbline.plugins.sae;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.engine.TestRuntime;
import dev.plumbline.engine.expr.EngineCompute;
import dev.plumbline.engine.select.BareWorkshop;
import dev.plumbline.plugins.sae.Activation.Kind;
import dev.plumbline.plugins.sae.SaeScorer.Scored;
import dev.plumbline.spi.Array;
import dev.plumbline.spi.Candidates;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Rows with the same prompt share what comes of it, and nothing else changes by that. */
class ContractionTest {
    private static final int IMAGE = 24;
    private static final int TEXT = 20;
    private static final int LATENTS = 16;

    private static TestRuntime runtime;

    private final SplittableRandom random = new SplittableRandom(11);
    private final Autoencoder autoencoder =
            new Autoencoder(
                    array(2, LATENTS, IMAGE, TEXT),
                    array(1, LATENTS),
                    array(0.02, LATENTS, IMAGE, TEXT),
                    array(0.01, IMAGE, TEXT),
                    array(0.01, IMAGE, TEXT));
    private final float[] text = SaeScorerTest.unit(random, TEXT);

    @BeforeAll
    static void open() {
        runtime = new TestRuntime();
    }

    @AfterAll
    static void close() {
        runtime.close();
    }

    private static EngineCompute compute() {
        return EngineCompute.inUse(runtime.runtime());
    }

    private Array array(double deviation, int... shape) {
        int size = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        return WrittenOut.floats(SaeScorerTest.gaussians(random, size, deviation), shape);
    }

    private void others(Contraction contraction, int count) {
        for (int i = 0; i < count; i++) {
            contraction.with(SaeScorerTest.unit(random, TEXT));
        }
    }

    @Test
    void theLatestTextsAreKeptAndNoMore() {
        try (var contraction = new Contraction(autoencoder, compute())) {
            Contraction.Weights first = contraction.with(text);
            others(contraction, Contraction.KEPT - 1);
            assertThat(contraction.with(text.clone())).isSameAs(first);
            others(contraction, Contraction.KEPT - 1);
            assertThat(contraction.with(text)).isSameAs(first);
            others(contraction, Contraction.KEPT);
            assertThat(contraction.with(text)).isNotSameAs(first);
        }
    }

    @Test
    void aTextThatDiffersInOneBitIsAnother() {
        try (var contraction = new Contraction(autoencoder, compute())) {
            Contraction.Weights first = contraction.with(text);
            text[TEXT - 1] = Math.nextUp(text[TEXT - 1]);
            assertThat(contraction.with(text)).isNotSameAs(first);
        }
    }

    @Test
    void aSharedPromptChangesNoBit() {
        float[][] vectors = SaeScorerTest.units(random, 100, IMAGE);
        float[][] own = SaeScorerTest.units(random, 3, IMAGE);
        float[] other = SaeScorerTest.unit(random, TEXT);
        Candidates pool =
                new BareWorkshop(
                                SaeScorerTest.pool(vectors),
                                new float[0][],
                                new float[0][],
                                compute(),
                                0)
                        .pool();
        Activation activation = new Activation(Kind.KL, 1);
        try (var shared = new SaeScorer(autoencoder, activation, compute())) {
            for (float[] picture : own) {
                for (float[] prompt : new float[][] {text, other}) {
                    Scored scored = shared.score(picture, prompt, pool);
                    try (var alone = new SaeScorer(autoencoder, activation, compute())) {
                        Scored judge = alone.score(picture, prompt, pool);
                        assertThat(scored.z().floats()).containsExactly(judge.z().floats());
                        assertThat(scored.scores()).containsExactly(judge.scores());
                    }
                }
            }
        }
    }
}
