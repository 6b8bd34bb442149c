package dev.plumbline.eval.benchmarks;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Percentile bootstrap over pictures (Efron and Tibshirani, 1993): pictures are drawn with
 * replacement, all answers about one stay together, and before and after see the same draws. Same
 * seed and same pictures: same intervals.
 */
public final class PairedBootstrap {
    public static final int RESAMPLES = 2000;

    /** Above this share of resamples without a figure, no 95 % interval is given. */
    private static final double MAX_UNDEFINED = 0.05;

    private final IntFunction<int[][]> draws;

    /** {@value #RESAMPLES} resamples. */
    public PairedBootstrap(long seed) {
        this(RESAMPLES, seed);
    }

    public PairedBootstrap(int resamples, long seed) {
        this(pictures -> draw(pictures, resamples, seed));
    }

    /** From the number of pictures to resamples, each with how often every picture counts. */
    PairedBootstrap(IntFunction<int[][]> draws) {
        this.draws = draws;
    }

    /** The interval of each metric that has one. */
    public Map<String, Interval> intervals(Scorecard card) {
        List<double[]> resamples = resample(card);
        Map<String, Interval> intervals = new LinkedHashMap<>();
        for (Metric metric : card.metrics()) {
            Stream<Figure> figures = resamples.stream().map(metric.formula()::of);
            interval(figures).ifPresent(interval -> intervals.put(metric.name(), interval));
        }
        return intervals;
    }

    /**
     * After minus before for each metric, paired over pictures.
     *
     * @throws IllegalArgumentException where the two are not about the same pictures and metrics
     */
    public Map<String, Difference> differences(Scorecard before, Scorecard after) {
        if (!before.counts().pictures().equals(after.counts().pictures())
                || !names(before).equals(names(after))) {
            throw new IllegalArgumentException(
                    "before and after must have the same pictures and the same metrics");
        }
        List<double[]> old = resample(before);
        List<double[]> now = resample(after);
        double[] oldSums = before.counts().sums();
        double[] nowSums = after.counts().sums();
        Map<String, Difference> differences = new LinkedHashMap<>();
        for (Metric metric : after.metrics()) {
            Metric.Formula formula = metric.formula();
            Figure value = formula.of(nowSums).minus(formula.of(oldSums));
            Stream<Figure> figures =
                    IntStream.range(0, now.size())
                            .mapToObj(i -> formula.of(now.get(i)).minus(formula.of(old.get(i))));
            Interval interval =
                    value instanceof Figure.Undefined ? null : interval(figures).orElse(null);
            differences.put(metric.name(), new Difference(value, interval));
        }
        return differences;
    }

    private static List<String> names(Scorecard card) {
        return card.metrics().stream().map(Metric::name).toList();
    }

    /** The sums of each resample. */
    private List<double[]> resample(Scorecard card) {
        int[][] weights = draws.apply(card.counts().pictures().size());
        return Arrays.stream(weights).map(card.counts()::sums).toList();
    }

    private static Optional<Interval> interval(Stream<Figure> figures) {
        double[] all = figures.mapToDouble(Figure::orNaN).toArray();
        double[] defined = Arrays.stream(all).filter(Double::isFinite).toArray();
        boolean enough = defined.length > 0 && defined.length >= (1 - MAX_UNDEFINED) * all.length;
        return enough ? Optional.of(Interval.of(defined)) : Optional.empty();
    }

    private static int[][] draw(int pictures, int resamples, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[][] weights = new int[resamples][pictures];
        for (int[] row : weights) {
            for (int i = 0; i < pictures; i++) {
                row[random.nextInt(pictures)]++;
            }
        }
        return weights;
    }
}
