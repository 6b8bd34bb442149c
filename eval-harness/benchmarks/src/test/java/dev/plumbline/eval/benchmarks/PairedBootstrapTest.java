package dev.plumbline.eval.benchmarks;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PairedBootstrapTest {
    private static final List<Metric> SHARE =
            List.of(
                    new Metric(
                            "share",
                            Metric.Better.HIGHER,
                            Metric.Unit.FRACTION,
                            n -> Figure.ratio(n[0], n[1], "nothing was counted")));

    @Test
    void anIntervalHasTheWidthOfTheNormalApproximation() {
        Random random = new Random(3);
        PictureCounts counts = counts();
        for (int i = 0; i < 400; i++) {
            counts.add("picture " + i, random.nextDouble() < 0.3 ? 1 : 0, 1);
        }
        Scorecard card = new Scorecard(counts, SHARE);
        double share = card.figure("share").orNaN();
        double half = 1.96 * Math.sqrt(share * (1 - share) / 400);

        Interval interval = requireNonNull(new PairedBootstrap(0).intervals(card).get("share"));

        assertThat(interval.low()).isCloseTo(share - half, within(0.006));
        assertThat(interval.high()).isCloseTo(share + half, within(0.006));
    }

    @Test
    void theSameSeedGivesTheSameInterval() {
        Scorecard card = halves(40);

        assertThat(new PairedBootstrap(5).intervals(card))
                .isEqualTo(new PairedBootstrap(5).intervals(card));
        assertThat(new PairedBootstrap(50, 5).intervals(card))
                .isNotEqualTo(new PairedBootstrap(50, 6).intervals(card));
    }

    @Test
    void pairingRemovesWhatPicturesHaveInCommon() {
        Scorecard before = halves(60);
        PictureCounts better = counts();
        for (int i = 0; i < 60; i++) {
            better.add("picture " + i, 2 * (i % 2) + 1, 4);
        }

        Difference difference =
                requireNonNull(
                        new PairedBootstrap(0)
                                .differences(before, new Scorecard(better, SHARE))
                                .get("share"));

        // Each picture gains exactly a quarter, so no resample differs.
        assertThat(difference.value()).isEqualTo(new Figure.Measured(0.25));
        Interval interval = requireNonNull(difference.interval());
        assertThat(interval.low()).isCloseTo(0.25, within(1e-12));
        assertThat(interval.high()).isCloseTo(0.25, within(1e-12));
        assertThat(interval.excludesZero()).isTrue();
    }

    @Test
    void aFigureThatIsUndefinedInManyResamplesHasNoInterval() {
        PictureCounts counts = counts();
        counts.add("a", 1, 1);
        counts.add("b", 0, 0);
        counts.add("c", 0, 0);
        Scorecard rare = new Scorecard(counts, SHARE);

        assertThat(rare.figure("share")).isEqualTo(new Figure.Measured(1));
        assertThat(new PairedBootstrap(0).intervals(rare)).isEmpty();
        assertThat(
                        requireNonNull(new PairedBootstrap(0).differences(rare, rare).get("share"))
                                .interval())
                .isNull();
    }

    @Test
    void anUndefinedFigureHasAnUndefinedDifference() {
        PictureCounts none = counts();
        none.add("picture 0", 0, 0);
        none.add("picture 1", 0, 0);

        Difference difference =
                requireNonNull(
                        new PairedBootstrap(0)
                                .differences(halves(2), new Scorecard(none, SHARE))
                                .get("share"));

        assertThat(difference)
                .isEqualTo(new Difference(new Figure.Undefined("nothing was counted"), null));
    }

    @Test
    void refusesToPairOtherPictures() {
        assertThatThrownBy(() -> new PairedBootstrap(0).differences(halves(2), halves(3)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Pictures with 0 and 2 of 4, in turn. */
    private static Scorecard halves(int pictures) {
        PictureCounts counts = counts();
        for (int i = 0; i < pictures; i++) {
            counts.add("picture " + i, 2 * (i % 2), 4);
        }
        return new Scorecard(counts, SHARE);
    }

    private static PictureCounts counts() {
        return new PictureCounts(List.of("part", "whole"));
    }
}
