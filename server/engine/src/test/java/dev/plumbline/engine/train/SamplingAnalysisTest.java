package dev.plumbline.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.engine.data.NegativeImage;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.data.PreferenceExample.Mining;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.train.BatchSettings.Order;
import dev.plumbline.engine.train.BatchSettings.Passes;
import dev.plumbline.engine.train.OptimizerSettings.Schedule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** With a model: what is enumerated is what a run trains on. */
class SamplingAnalysisTest {
    private static final double BETA = 0.5;

    @TempDir static Path cache;

    private static TrainingFixture fixture;
    private static Path adapter;
    private static SamplingSubject subject;
    private static EnumeratedRow enumerated;

    @TempDir Path output;

    @BeforeAll
    static void enumerate() {
        fixture = new TrainingFixture(cache.resolve("models"));
        adapter = cache.resolve("adapter");
        fixture.run(TrainingFixture.spec("plackett-luce + 1.0 * dpo"), adapter);
        List<Path> candidates =
                fixture.rows.stream()
                        .flatMap(row -> row.negatives().stream().map(NegativeImage::image))
                        .distinct()
                        .filter(image -> !image.equals(fixture.rows.getFirst().image()))
                        .toList();
        subject =
                new SamplingSubject(
                        fixture.rows.getFirst(), candidates, List.of(scores(candidates.size())));
        enumerated =
                new SamplingPasses(fixture.model(), adapter, BETA)
                        .enumerate(subject, done -> {}, Cancellation.none());
    }

    private static SamplingScores scores(int n) {
        double[] scores = new SplittableRandom(1).doubles(n).toArray();
        int[] order =
                IntStream.range(0, n)
                        .boxed()
                        .sorted((i, j) -> Double.compare(scores[j], scores[i]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        return new SamplingScores("sae", scores, order, true);
    }

    @AfterAll
    static void close() {
        fixture.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = SamplingWeighting.class,
            names = {"NONE", "SELF_NORMALIZED", "CLIPPED", "POOL", "RAW"})
    void lossAndGradientAreThoseOfATrainingStep(SamplingWeighting weighting) {
        int n = subject.candidates().size();
        assertThat(n).isGreaterThanOrEqualTo(3);
        double[] logQ = {Math.log(0.5), Math.log(0.05)};
        double[] weights = {-Math.log(2 * 0.5), -Math.log(2 * 0.05)};
        SamplingDraw draw = new SamplingDraw(new int[] {n - 1, 1}, logQ, weights);
        SamplingEstimate estimate =
                weighting.estimate(
                        enumerated.a(), draw, new SamplingWeighting.Setting(n, BETA, 1.3));
        StepMetrics step = step(draw, weighting);
        assertThat(Math.log1p(Math.exp(estimate.logSum())))
                .isCloseTo(step.loss(), within(1e-4 * step.loss()));
        double norm =
                Math.sqrt(
                        enumerated
                                .products()
                                .square(estimate.candidates(), estimate.coefficients()));
        assertThat(norm).isPositive().isCloseTo(step.gradNorm(), within(1e-3 * norm));
    }

    /** The first step of a run on the negatives that were drawn. */
    private StepMetrics step(SamplingDraw draw, SamplingWeighting weighting) {
        List<NegativeImage> negatives = new ArrayList<>();
        for (int i = 0; i < draw.k(); i++) {
            negatives.add(
                    new NegativeImage(
                            subject.candidates().get(draw.candidates()[i]),
                            0,
                            draw.logQ()[i],
                            draw.logWeights()[i],
                            "",
                            "",
                            NegativeImage.Details.NONE));
        }
        PreferenceExample row =
                subject.row()
                        .with(
                                new Mining(
                                        negatives,
                                        "with_replacement",
                                        subject.candidates().size(),
                                        Double.NaN));
        TrainingSpec spec =
                new TrainingSpec(
                        LossSpec.parse(
                                "plackett-luce",
                                Map.of("weighting", weighting.text(), "clip", "1.3")),
                        new LoraSettings(Optional.of(adapter), 2, 4, List.of()),
                        new OptimizerSettings(1e-3, 0, Schedule.CONSTANT, 0, 0),
                        new BatchSettings(1, 1, 1, Order.AS_IS, Passes.RECOMPUTE, 0),
                        0);
        return fixture.run(spec, List.of(row), output, Cancellation.none()).getFirst();
    }

    private static SamplingReport run(Cancellation cancellation, long seed) {
        return SamplingAnalysis.run(
                fixture.model(),
                adapter,
                List.of(subject, subject),
                new SamplingSettings(List.of(2, 1, 2, 50), 50, BETA, 2, seed),
                (phase, done, total) -> {},
                cancellation);
    }

    @Test
    void aReportHasEveryEstimatorOnce() {
        SamplingReport report = run(Cancellation.none(), 0);
        // For each K five weightings and Equation 8 in both sampled modes, one greedy; no pool has
        // 50.
        assertThat(report.estimators()).hasSize(2 * (2 * 6 + 1));
        assertThat(report.estimators())
                .extracting(e -> e.selector() + e.mode() + e.k() + e.weighting())
                .doesNotHaveDuplicates();
        assertThat(report.estimators())
                .allSatisfy(e -> {
                    assertThat(e.figures().cosine()).isBetween(-1.0, 1.0);
                    assertThat(e.figures().normRatio()).isPositive();
                    assertThat(e.figures().proposal().ess()).isBetween(0.99, e.k() + 1e-9);
                });
        assertThat(report.rows()).hasSize(2);
        assertThat(report.rows().getFirst().candidates()).isEqualTo(subject.candidates().size());
        assertThat(report.rows().getFirst().effective())
                .isBetween(1.0, (double) subject.candidates().size());
        assertThat(report.correlations()).hasSize(1);
        assertThat(report.correlations().getFirst().policyShare()).isBetween(-1.0, 1.0);
        assertThat(report.timing().sequence()).isPositive();
    }

    @Test
    void theSameSeedGivesTheSameFigures() {
        assertThat(run(Cancellation.none(), 3).estimators())
                .isEqualTo(run(Cancellation.none(), 3).estimators());
        assertThat(run(Cancellation.none(), 3).estimators())
                .isNotEqualTo(run(Cancellation.none(), 4).estimators());
    }

    @Test
    void aPoolThatIsTooLargeIsRefusedWithTheFigures() {
        List<Path> many = Collections.nCopies(513, subject.candidates().getFirst());
        var large = new SamplingSubject(subject.row(), many, List.of(scores(513)));
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() ->
                        SamplingAnalysis.run(
                                fixture.model(),
                                adapter,
                                List.of(large),
                                new SamplingSettings(List.of(1), 2, BETA, 2, 0),
                                (phase, done, total) -> {},
                                Cancellation.none()))
                .withMessageContaining("513 candidates")
                .withMessageContaining("514 forward and backward passes")
                .satisfies(e -> assertThat(e.reason()).isEqualTo("POOL_TOO_LARGE"));
    }

    @Test
    void itIsCancelled() {
        Cancellation cancellation = new Cancellation();
        cancellation.cancel();
        assertThatExceptionOfType(PlumblineException.class)
                .isThrownBy(() -> run(cancellation, 0))
                .satisfies(e -> assertThat(e.code().name()).isEqualTo("CANCELLED"));
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        for (var settings :
                List.<Runnable>of(
                        () -> new SamplingSettings(List.of(), 2, BETA, 2, 0),
                        () -> new SamplingSettings(List.of(0), 2, BETA, 2, 0),
                        () -> new SamplingSettings(List.of(1), 1, BETA, 2, 0),
                        () -> new SamplingSettings(List.of(1), 2, 0, 2, 0),
                        () -> new SamplingSettings(List.of(1), 2, BETA, 0.5, 0))) {
            assertThatExceptionOfType(PlumblineException.class)
                    .isThrownBy(settings::run)
                    .satisfies(e -> assertThat(e.reason()).isEqualTo("OUT_OF_RANGE"));
        }
    }
}
