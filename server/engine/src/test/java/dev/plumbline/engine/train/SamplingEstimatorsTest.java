package dev.plumbline.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.engine.train.SamplingWeighting.Setting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pools so small that every draw can be written down. */
class SamplingEstimatorsTest {
    private static final double BETA = 0.5;
    private static final double[] A = {0.3, -1.2, 0.9};

    /** Halves and quarters, so that draws of different likelihood are equal ones, repeated. */
    private static final int[] URN = {0, 0, 1, 2};

    private static final double[] Q = {0.5, 0.25, 0.25};
    private static final Setting SETTING = new Setting(3, BETA, 1.2);

    /** All pairs with replacement, each as often as it is likely. */
    private static List<SamplingDraw> pairs() {
        List<SamplingDraw> draws = new ArrayList<>();
        for (int first : URN) {
            for (int second : URN) {
                draws.add(draw(first, second));
            }
        }
        return draws;
    }

    private static SamplingDraw draw(int... candidates) {
        double[] logQ = Arrays.stream(candidates).mapToDouble(i -> Math.log(Q[i])).toArray();
        double k = candidates.length;
        double[] weights = Arrays.stream(logQ).map(log -> -log - Math.log(k)).toArray();
        return new SamplingDraw(candidates, logQ, weights);
    }

    /** Gradients of three candidates on two axes. */
    private static final double[][] GRADIENTS = {{1, 0}, {-0.5, 2}, {0.25, -1}};

    private static final double[] POSITIVE = {0.5, 0.5};

    private static GradientProducts products() {
        double[][] all = {GRADIENTS[0], GRADIENTS[1], GRADIENTS[2], POSITIVE};
        double[][] products = new double[4][4];
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                products[i][j] = all[i][0] * all[j][0] + all[i][1] * all[j][1];
            }
        }
        return GradientProducts.differences(products);
    }

    private static double[] gradient(int[] candidates, double[] coefficients) {
        double[] sum = new double[2];
        for (int i = 0; i < candidates.length; i++) {
            for (int axis = 0; axis < 2; axis++) {
                sum[axis] += coefficients[i] * (GRADIENTS[candidates[i]][axis] - POSITIVE[axis]);
            }
        }
        return sum;
    }

    private static double length(double... vector) {
        return Math.sqrt(Arrays.stream(vector).map(x -> x * x).sum());
    }

    private static SamplingFigures figures(
            SamplingWeighting weighting, SamplingTarget target, List<SamplingDraw> draws) {
        var tally = new SamplingTally(target, SamplingTarget.pool(A, BETA), products());
        draws.forEach(draw -> tally.add(weighting.estimate(A, draw, SETTING), draw, A));
        return tally.figures();
    }

    private static SamplingTarget target(SamplingWeighting weighting, int k) {
        return SamplingTarget.of(weighting, A, k, BETA, new SplittableRandom(0));
    }

    @Test
    void overAllDrawsTheSumsOfRawAndPoolHaveNoBias() {
        for (SamplingWeighting weighting : List.of(SamplingWeighting.RAW, SamplingWeighting.POOL)) {
            SamplingFigures figures = figures(weighting, target(weighting, 2), pairs());
            assertThat(figures.sumBias()).as(weighting.text()).isCloseTo(0, within(1e-12));
            assertThat(figures.sumDeviation()).isPositive();
            assertThat(Math.abs(figures.sigmoidBias())).isGreaterThan(1e-3);
        }
    }

    @Test
    void equationEightAsPrintedSumsToKTimesThePool() {
        SamplingWeighting printed = SamplingWeighting.PRINTED;
        SamplingFigures figures = figures(printed, target(printed, 2), pairs());
        assertThat(figures.sumBias()).isCloseTo(1, within(1e-12));
    }

    @Test
    void overAllSubsetsNoneHasNoBiasAtAll() {
        List<SamplingDraw> subsets = List.of(draw(0, 1), draw(0, 2), draw(1, 2));
        SamplingFigures figures =
                figures(SamplingWeighting.NONE, target(SamplingWeighting.NONE, 2), subsets);
        assertThat(figures.sumBias()).isCloseTo(0, within(1e-12));
        assertThat(figures.sigmoidBias()).isCloseTo(0, within(1e-12));
        assertThat(figures.gradientBias()).isCloseTo(0, within(1e-7));
        assertThat(figures.meanCosine()).isCloseTo(1, within(1e-12));
        assertThat(figures.gradientDeviation()).isPositive();
    }

    @Test
    void takingTheWholePoolIsItsGradient() {
        SamplingDraw whole = new SamplingDraw(new int[] {2, 0, 1}, new double[3], new double[3]);
        for (SamplingWeighting weighting : List.of(SamplingWeighting.NONE, SamplingWeighting.RAW)) {
            SamplingFigures figures = figures(weighting, target(weighting, 3), List.of(whole));
            assertThat(figures.sumBias()).isCloseTo(0, within(1e-12));
            assertThat(figures.gradientBias()).isCloseTo(0, within(1e-7));
            assertThat(figures.cosine()).isCloseTo(1, within(1e-12));
            assertThat(figures.normRatio()).isCloseTo(1, within(1e-12));
            assertThat(figures.gradientDeviation()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(SamplingWeighting.class)
    void everyFigureIsThatOfTheGradientsWrittenOut(SamplingWeighting weighting) {
        SamplingTarget target = target(weighting, 2);
        double[] wanted = gradient(new int[] {0, 1, 2}, target.coefficients());
        List<double[]> gradients = new ArrayList<>();
        double cosines = 0;
        for (SamplingDraw draw : pairs()) {
            SamplingEstimate estimate = weighting.estimate(A, draw, SETTING);
            double[] one = gradient(estimate.candidates(), estimate.coefficients());
            gradients.add(one);
            cosines += (one[0] * wanted[0] + one[1] * wanted[1]) / length(one) / length(wanted);
        }
        int n = gradients.size();
        double[] mean = {0, 0};
        gradients.forEach(g -> {
            mean[0] += g[0] / n;
            mean[1] += g[1] / n;
        });
        double variance =
                gradients.stream()
                                .mapToDouble(
                                        g -> Math.pow(length(g[0] - mean[0], g[1] - mean[1]), 2))
                                .sum()
                        / (n - 1);
        double lengths = gradients.stream().mapToDouble(g -> length(g)).average().orElseThrow();

        SamplingFigures figures = figures(weighting, target, pairs());
        double wantedLength = length(wanted);
        assertThat(figures.gradientBias())
                .isCloseTo(
                        length(mean[0] - wanted[0], mean[1] - wanted[1]) / wantedLength,
                        within(1e-9));
        assertThat(figures.gradientDeviation())
                .isCloseTo(Math.sqrt(variance) / wantedLength, within(1e-9));
        assertThat(figures.gradientBiasNoise())
                .isCloseTo(Math.sqrt(variance / n) / wantedLength, within(1e-9));
        assertThat(figures.cosine()).isCloseTo(cosines / n, within(1e-9));
        assertThat(figures.normRatio()).isCloseTo(lengths / wantedLength, within(1e-9));
    }

    @ParameterizedTest
    @EnumSource(
            value = SamplingWeighting.class,
            names = {"NONE", "SELF_NORMALIZED", "CLIPPED", "POOL", "RAW"})
    void coefficientsAreTheDerivativeOfTheLoss(SamplingWeighting weighting) {
        SamplingDraw draw = draw(0, 2);
        SamplingEstimate estimate = weighting.estimate(A, draw, SETTING);
        for (int i = 0; i < 2; i++) {
            double step = 1e-6;
            double slope =
                    (loss(weighting, draw, i, step) - loss(weighting, draw, i, -step)) / (2 * step);
            // a is beta times the log-ratio.
            assertThat(estimate.coefficients()[i]).isCloseTo(BETA * slope, within(1e-9));
        }
    }

    private static double loss(
            SamplingWeighting weighting, SamplingDraw draw, int place, double step) {
        double[] moved = A.clone();
        moved[draw.candidates()[place]] += step;
        return Math.log1p(Math.exp(weighting.estimate(moved, draw, SETTING).logSum()));
    }

    @Test
    void equalWeightsMakeAllButRawTheSame() {
        double[] logQ = {-Math.log(3), -Math.log(3)};
        double[] weights = {Math.log(1.5), Math.log(1.5)};
        SamplingDraw uniform = new SamplingDraw(new int[] {0, 2}, logQ, weights);
        SamplingEstimate none = SamplingWeighting.NONE.estimate(A, uniform, SETTING);
        for (SamplingWeighting weighting :
                List.of(
                        SamplingWeighting.SELF_NORMALIZED,
                        SamplingWeighting.CLIPPED,
                        SamplingWeighting.POOL)) {
            SamplingEstimate other = weighting.estimate(A, uniform, SETTING);
            assertThat(other.logSum()).isCloseTo(none.logSum(), within(1e-12));
            assertThat(other.coefficients()).containsExactly(none.coefficients(), within(1e-12));
        }
    }

    @Test
    void subsetsThatAreSampledComeNearThoseThatAreCounted() {
        double[] a = new SplittableRandom(3).doubles(60, -2, 2).toArray();
        // 34,220 triples are counted; 487,635 sets of four are sampled.
        double counted = subsets(a, 3);
        double byHand = 0;
        for (int i = 0; i < 60; i++) {
            for (int j = i + 1; j < 60; j++) {
                for (int l = j + 1; l < 60; l++) {
                    byHand +=
                            SamplingEstimate.sigmoid(
                                    Math.log(Math.exp(a[i]) + Math.exp(a[j]) + Math.exp(a[l])));
                }
            }
        }
        assertThat(counted).isCloseTo(byHand / 34_220, within(1e-12));
        SamplingTarget four = SamplingTarget.subsets(a, 4, BETA, new SplittableRandom(1));
        SamplingTarget again = SamplingTarget.subsets(a, 4, BETA, new SplittableRandom(2));
        assertThat(four.sigmoid()).isCloseTo(again.sigmoid(), within(2e-3));
        assertThat(four.sigmoid()).isGreaterThan(counted);
    }

    private static double subsets(double[] a, int k) {
        return SamplingTarget.subsets(a, k, BETA, new SplittableRandom(0)).sigmoid();
    }

    @Test
    void drawsOfTheSelectorsOwnCodeEstimateThePoolsSum() {
        // Two kinds of candidates: with scores that fall off evenly, the solved temperature makes
        // the last ones so unlikely that no mean of 40,000 draws has met them.
        double[] scores = IntStream.range(0, 30).mapToDouble(i -> i % 7 == 0 ? 1 : 0).toArray();
        double[] a = new SplittableRandom(6).doubles(30, -1, 1).toArray();
        int[] order = IntStream.range(0, 30).toArray();
        for (boolean greedy : List.of(true, false)) {
            SamplingScores selector = new SamplingScores("any", scores, order, greedy);
            for (SamplingMode mode :
                    List.of(SamplingMode.WITH_REPLACEMENT, SamplingMode.WITHOUT_REPLACEMENT)) {
                SamplingProposal proposal = SamplingProposal.of(selector, mode, 4);
                RandomGenerator random = new SplittableRandom(7);
                Setting setting = new Setting(30, BETA, 2);
                double mean =
                        IntStream.range(0, 40_000)
                                .mapToObj(i -> proposal.draw(random))
                                .mapToDouble(draw ->
                                        Math.exp(
                                                SamplingWeighting.RAW
                                                        .estimate(a, draw, setting)
                                                        .logSum()))
                                .average()
                                .orElseThrow();
                double whole = Math.exp(SamplingEstimate.logSumExp(a));
                assertThat(mean).as("%s %s", mode, greedy).isCloseTo(whole, within(0.03 * whole));
            }
        }
    }

    @Test
    void theGreedyChoiceIsTheBeginningOfTheOrder() {
        SamplingScores selector =
                new SamplingScores("any", new double[] {1, 2, 3}, new int[] {2, 0, 1}, true);
        SamplingDraw draw =
                SamplingProposal.of(selector, SamplingMode.GREEDY, 2).draw(new SplittableRandom(0));
        assertThat(draw.candidates()).containsExactly(2, 0);
        assertThat(draw.logWeights()).containsExactly(0, 0);
        SamplingScores uniform =
                new SamplingScores("random", new double[3], new int[] {2, 0, 1}, false);
        assertThat(SamplingProposal.exists(uniform, SamplingMode.GREEDY, 2)).isFalse();
        assertThat(SamplingProposal.exists(uniform, SamplingMode.WITHOUT_REPLACEMENT, 4)).isFalse();
        assertThat(SamplingProposal.exists(uniform, SamplingMode.WITH_REPLACEMENT, 4)).isTrue();
    }

    @Test
    void effectiveSampleSizeAndVarianceAreOfWeightsOfMeanOne() {
        SamplingDraw draw =
                new SamplingDraw(new int[] {0, 1}, new double[2], new double[] {Math.log(3), 0});
        SamplingFigures figures =
                figures(SamplingWeighting.RAW, target(SamplingWeighting.RAW, 2), List.of(draw));
        // Weights 1.5 and 0.5.
        assertThat(figures.proposal().ess()).isCloseTo(4 / 2.5, within(1e-12));
        assertThat(figures.proposal().variance()).isCloseTo(0.25, within(1e-12));
        double first = 3 * Math.exp(A[0]);
        double second = Math.exp(A[1]);
        double scale = 2 / (first + second);
        assertThat(figures.policy().variance())
                .isCloseTo(Math.pow(first * scale - 1, 2), within(1e-12));
    }

    @Test
    void spearmanIsTheCorrelationOfRanks() {
        assertThat(Spearman.ranks(new double[] {3, 1, 3, 2})).containsExactly(3.5, 1, 3.5, 2);
        assertThat(Spearman.of(new double[] {1, 2, 3}, new double[] {10, 100, 1000}))
                .isCloseTo(1, within(1e-12));
        assertThat(Spearman.of(new double[] {1, 2, 3, 4}, new double[] {2, 1, 4, 3}))
                .isCloseTo(0.6, within(1e-12));
        assertThat(Spearman.of(new double[] {1, 1, 1}, new double[] {1, 2, 3})).isNaN();
    }
}
