package dev.plumbline.engine.train;

import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.train.SamplingReport.Correlation;
import dev.plumbline.engine.train.SamplingReport.Row;
import dev.plumbline.engine.train.SamplingReport.Timing;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Is the sampling worth it? Enumerates every candidate of some rows, so that each way to sample and
 * to weigh negatives (MISP-DPO, arXiv 2509.25717, section 3.2) can be held against what it
 * estimates: the sum inside the loss, the sigmoid that weighs the gradient, and the LoRA gradient.
 *
 * <p>The model runs once over each candidate. From then on every gradient is a linear combination
 * of those of the candidates, whose lengths and angles follow from their inner products, so that
 * thousands of draws take no more passes.
 */
public final class SamplingAnalysis {
    private static final String PHASE = "enumerating";

    private final SamplingSettings settings;
    private final SamplingPasses passes;
    private final Cancellation cancellation;
    private final SamplingComparison comparison;
    private final Map<String, List<double[]>> correlations = new LinkedHashMap<>();
    private final List<Row> rows = new ArrayList<>();
    private double enumerationSeconds;

    /** Hears how far it is, on the analysis's own thread. */
    @FunctionalInterface
    public interface Listener {
        void progress(String phase, long done, long total);
    }

    private SamplingAnalysis(
            SamplingSettings settings, SamplingPasses passes, Cancellation cancellation) {
        this.settings = settings;
        this.comparison = new SamplingComparison(settings, cancellation);
        this.passes = passes;
        this.cancellation = cancellation;
    }

    /**
     * @param adapter PEFT folder: the policy is the model with it, the reference the model alone
     * @throws dev.plumbline.engine.error.PlumblineException {@code POOL_TOO_LARGE} or {@code
     *     GRADIENTS_TOO_LARGE} with the figures, {@code CANCELLED}, or what is wrong with the
     *     adapter, a row or a picture
     */
    public static SamplingReport run(
            LoadedModel model,
            Path adapter,
            List<SamplingSubject> subjects,
            SamplingSettings settings,
            Listener listener,
            Cancellation cancellation) {
        subjects.forEach(subject ->
                SamplingSettings.requireEnumerable(subject.candidates().size(), subjects.size()));
        var passes = new SamplingPasses(model, adapter, settings.beta());
        var analysis = new SamplingAnalysis(settings, passes, cancellation);
        long total = subjects.stream().mapToLong(it -> it.candidates().size() + 1).sum();
        long done = 0;
        for (int i = 0; i < subjects.size(); i++) {
            long before = done;
            analysis.add(
                    subjects.get(i), i, count -> listener.progress(PHASE, before + count, total));
            done += subjects.get(i).candidates().size() + 1;
        }
        return analysis.report();
    }

    private void add(SamplingSubject subject, int index, SamplingPasses.Progress progress) {
        long start = System.nanoTime();
        EnumeratedRow row = passes.enumerate(subject, progress, cancellation);
        enumerationSeconds += (System.nanoTime() - start) / 1e9;
        add(subject, row, new SplittableRandom(settings.seed() + index));
    }

    /** All but the passes. */
    private void add(SamplingSubject subject, EnumeratedRow row, SplittableRandom random) {
        SamplingTarget pool = SamplingTarget.pool(row.a(), settings.beta());
        double[] shares =
                Arrays.stream(row.a()).map(value -> Math.exp(value - pool.logSum())).toArray();
        rows.add(
                new Row(
                        subject.row().place().line(),
                        shares.length,
                        pool.logSum(),
                        pool.sigmoid(),
                        perplexity(shares),
                        Math.sqrt(row.products().square(pool.coefficients()))));
        for (SamplingScores scores : subject.selectors()) {
            correlations
                    .computeIfAbsent(scores.selector(), name -> new ArrayList<>())
                    .add(
                            new double[] {
                                Spearman.of(scores.scores(), shares),
                                Spearman.of(scores.scores(), row.gradientNorms())
                            });
        }
        comparison.add(subject.selectors(), row, random);
    }

    private static double perplexity(double[] shares) {
        double entropy = 0;
        for (double share : shares) {
            entropy -= share > 0 ? share * Math.log(share) : 0;
        }
        return Math.exp(entropy);
    }

    private SamplingReport report() {
        List<Correlation> all = new ArrayList<>();
        correlations.forEach((selector, byRow) -> {
            double[] share = meanAndError(byRow, 0);
            double[] norm = meanAndError(byRow, 1);
            all.add(new Correlation(selector, share[0], share[1], norm[0], norm[1]));
        });
        return new SamplingReport(
                comparison.estimators(),
                all,
                rows,
                new Timing(
                        passes.secondsOfSequence(),
                        passes.secondsOfPicture(),
                        enumerationSeconds / rows.size(),
                        comparison.secondsOfDraw(),
                        rows.stream().mapToInt(Row::candidates).average().orElse(0)));
    }

    private static double[] meanAndError(List<double[]> rows, int column) {
        double[] values =
                rows.stream()
                        .mapToDouble(row -> row[column])
                        .filter(value -> !Double.isNaN(value))
                        .toArray();
        double mean = Arrays.stream(values).average().orElse(Double.NaN);
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        double error =
                values.length < 2
                        ? Double.NaN
                        : Math.sqrt(squares / (values.length - 1) / values.length);
        return new double[] {mean, error};
    }
}
