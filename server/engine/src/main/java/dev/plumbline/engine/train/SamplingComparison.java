package dev.plumbline.engine.train;

import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.train.SamplingReport.Estimator;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/** Draws negatives in every way, and holds what each weighting makes of them against its target. */
final class SamplingComparison {
    private final SamplingSettings settings;
    private final Cancellation cancellation;
    private final Map<Arm, List<SamplingFigures>> figures = new LinkedHashMap<>();
    private long drawNanos;
    private long draws;

    SamplingComparison(SamplingSettings settings, Cancellation cancellation) {
        this.settings = settings;
        this.cancellation = cancellation;
    }

    private record Arm(String selector, SamplingMode mode, int k, SamplingWeighting weighting) {}

    /** Compares all for one row. */
    void add(List<SamplingScores> selectors, EnumeratedRow row, SplittableRandom random) {
        for (int k : settings.ks()) {
            if (k <= row.a().length) {
                add(selectors, row, k, random);
            }
        }
    }

    private void add(
            List<SamplingScores> selectors, EnumeratedRow row, int k, SplittableRandom random) {
        Map<SamplingWeighting, SamplingTarget> targets = new EnumMap<>(SamplingWeighting.class);
        for (SamplingWeighting weighting : SamplingWeighting.values()) {
            targets.put(
                    weighting,
                    SamplingTarget.of(weighting, row.a(), k, settings.beta(), random.split()));
        }
        for (SamplingScores scores : selectors) {
            for (SamplingMode mode : SamplingMode.values()) {
                if (SamplingProposal.exists(scores, mode, k)) {
                    var tallies = tallies(mode, targets, row);
                    int count = mode == SamplingMode.GREEDY ? 1 : settings.draws();
                    draw(SamplingProposal.of(scores, mode, k), count, row, tallies, random.split());
                    tallies.forEach((weighting, tally) ->
                            keep(new Arm(scores.selector(), mode, k, weighting), tally));
                }
            }
        }
    }

    private static Map<SamplingWeighting, SamplingTally> tallies(
            SamplingMode mode, Map<SamplingWeighting, SamplingTarget> targets, EnumeratedRow row) {
        SamplingTarget pool = Objects.requireNonNull(targets.get(SamplingWeighting.RAW));
        Map<SamplingWeighting, SamplingTally> tallies = new EnumMap<>(SamplingWeighting.class);
        targets.forEach((weighting, target) -> {
            if (mode != SamplingMode.GREEDY || !weighting.needsProposal()) {
                tallies.put(weighting, new SamplingTally(target, pool, row.products()));
            }
        });
        return tallies;
    }

    private void draw(
            SamplingProposal proposal,
            int count,
            EnumeratedRow row,
            Map<SamplingWeighting, SamplingTally> tallies,
            SplittableRandom random) {
        cancellation.check();
        var setting =
                new SamplingWeighting.Setting(row.a().length, settings.beta(), settings.clip());
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            SamplingDraw draw = proposal.draw(random);
            tallies.forEach((weighting, tally) ->
                    tally.add(weighting.estimate(row.a(), draw, setting), draw, row.a()));
        }
        drawNanos += System.nanoTime() - start;
        draws += count;
    }

    private void keep(Arm arm, SamplingTally tally) {
        figures.computeIfAbsent(arm, it -> new ArrayList<>()).add(tally.figures());
    }

    /** Means over the rows. */
    List<Estimator> estimators() {
        List<Estimator> estimators = new ArrayList<>();
        figures.forEach((arm, rows) ->
                estimators.add(
                        new Estimator(
                                arm.selector(),
                                arm.mode(),
                                arm.k(),
                                arm.weighting(),
                                SamplingFigures.mean(rows))));
        return estimators;
    }

    /** Of one draw and what all weightings make of it, mean. */
    double secondsOfDraw() {
        return draws == 0 ? 0 : drawNanos / 1e9 / draws;
    }
}
