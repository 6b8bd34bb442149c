package dev.plumbline.plugins.sae;

import dev.plumbline.engine.expr.DeclaredOptions;
import dev.plumbline.engine.expr.EngineCompute;
import dev.plumbline.engine.runtime.Runtime;
import dev.plumbline.engine.runtime.RuntimeOptions;
import dev.plumbline.engine.select.BareWorkshop;
import dev.plumbline.engine.tensor.DType;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Whether latents find the factors that difference vectors are made of. A candidate is {@code base
 * - sum_f s_f w_f + noise}, scaled to length 1, with {@code s_f = max(0, g_f - 1)} for Gaussians of
 * which neighbours correlate with 0.5 (and further ones with its powers), random directions {@code
 * w_f} and noise of a fifth of a factor's typical strength; a row's picture is {@code base +
 * noise}; texts are random. What is told is the mean over factors of the greatest absolute
 * correlation of the factor with a latent, over candidates of another pool and a held-out row,
 * neither of which the fit saw.
 */
final class Recovery {
    private static final int IMAGE = 64;
    private static final int TEXT = 32;
    private static final double CORRELATION = 0.5;
    private static final double STRENGTH = 0.35;
    private static final double NOISE = 0.07;
    private static final int UNSEEN = 2000;

    private final int factors;
    private final float[][] candidates;
    private final float[][] unseen;
    private final double[][] values;
    private final float[][] rows;
    private final float[][] prompts;

    /**
     * @param factors how many
     * @param candidates in the pool
     * @param rows of which every tenth is held out
     */
    Recovery(int factors, int candidates, int rows, int texts, long seed) {
        this.factors = factors;
        SplittableRandom random = new SplittableRandom(seed);
        float[] base = SaeScorerTest.unit(random, IMAGE);
        float[][] directions = SaeScorerTest.units(random, factors, IMAGE);
        this.candidates = new float[candidates][];
        for (int i = 0; i < candidates; i++) {
            this.candidates[i] = picture(random, base, directions, factors(random));
        }
        this.values = new double[UNSEEN][];
        this.unseen = new float[UNSEEN][];
        for (int i = 0; i < UNSEEN; i++) {
            values[i] = factors(random);
            this.unseen[i] = picture(random, base, directions, values[i]);
        }
        this.rows = new float[rows][];
        this.prompts = new float[rows][];
        float[][] kinds = SaeScorerTest.units(random, texts, TEXT);
        for (int i = 0; i < rows; i++) {
            this.rows[i] = picture(random, base, directions, new double[factors]);
            prompts[i] = kinds[i % texts];
        }
    }

    private double[] factors(SplittableRandom random) {
        double[] strengths = new double[factors];
        double before = random.nextGaussian();
        for (int f = 0; f < factors; f++) {
            double fresh = random.nextGaussian();
            before = CORRELATION * before + Math.sqrt(1 - CORRELATION * CORRELATION) * fresh;
            strengths[f] = Math.max(0, before - 1);
        }
        return strengths;
    }

    private static float[] picture(
            SplittableRandom random, float[] base, float[][] directions, double[] strengths) {
        double[] sum = new double[IMAGE];
        float[] noise = SaeScorerTest.unit(random, IMAGE);
        for (int i = 0; i < IMAGE; i++) {
            sum[i] = base[i] + NOISE * noise[i];
            for (int f = 0; f < strengths.length; f++) {
                sum[i] -= STRENGTH * strengths[f] * directions[f][i];
            }
        }
        double length = 0;
        for (double value : sum) {
            length += value * value;
        }
        float[] picture = new float[IMAGE];
        for (int i = 0; i < IMAGE; i++) {
            picture[i] = (float) (sum[i] / Math.sqrt(length));
        }
        return picture;
    }

    /** What a fit came to. */
    record Result(double recovered, double worst, Map<String, Double> reports) {}

    Result run(EngineCompute compute, Map<String, String> options, long seed) {
        var workshop =
                new BareWorkshop(SaeScorerTest.pool(candidates), rows, prompts, compute, seed);
        SaeSelector selector = new SaeSelector();
        DeclaredOptions declared = DeclaredOptions.of(selector.name(), selector.options(), options);
        selector.open(workshop, declared).close();
        Autoencoder fitted = Autoencoder.of(workshop.saved().values().iterator().next());
        double[] best = new double[factors];
        Activation activation = SaeOptions.of(declared).activation();
        try (SaeScorer scorer = new SaeScorer(fitted, activation, compute)) {
            // Rows 9, 19, ... are held out by the selector.
            var others = new BareWorkshop(SaeScorerTest.pool(unseen), rows, prompts, compute, seed);
            var scored = scorer.score(rows[9], prompts[9], others.pool());
            for (int f = 0; f < factors; f++) {
                for (int j = 0; j < scored.latents(); j++) {
                    best[f] = Math.max(best[f], Math.abs(correlation(f, scored, j)));
                }
            }
        }
        double sum = 0;
        double worst = 1;
        for (double value : best) {
            sum += value / factors;
            worst = Math.min(worst, value);
        }
        return new Result(sum, worst, workshop.reports());
    }

    private double correlation(int factor, SaeScorer.Scored scored, int latent) {
        int n = scored.size();
        double sx = 0;
        double sy = 0;
        double sxx = 0;
        double syy = 0;
        double sxy = 0;
        for (int i = 0; i < n; i++) {
            double x = values[i][factor];
            double y = scored.z().get(i * scored.latents() + latent);
            sx += x;
            sy += y;
            sxx += x * x;
            syy += y * y;
            sxy += x * y;
        }
        double variances = (sxx - sx * sx / n) * (syy - sy * sy / n);
        return variances > 0 ? (sxy - sx * sy / n) / Math.sqrt(variances) : 0;
    }

    /**
     * Arguments: factors, seeds and options of the selector, as key=value; prints a line a seed.
     */
    public static void main(String[] arguments) {
        Map<String, String> options = new HashMap<>();
        for (String argument : arguments) {
            options.put(argument.split("=")[0], argument.split("=")[1]);
        }
        int factors = Integer.parseInt(options.getOrDefault("factors", "20"));
        options.remove("factors");
        int seeds = Integer.parseInt(options.getOrDefault("seeds", "3"));
        options.remove("seeds");
        Path natives = Path.of("target", "onnxruntime");
        try (Runtime runtime = Runtime.open(new RuntimeOptions(2, Optional.empty(), natives))) {
            EngineCompute compute = new EngineCompute(runtime, DType.F32);
            for (int seed = 0; seed < seeds; seed++) {
                Result result =
                        new Recovery(factors, 4000, 200, 4, seed).run(compute, options, seed);
                System.out.printf(
                        Locale.ROOT,
                        "%s seed %d: recovered %.3f, worst %.3f, %s%n",
                        options,
                        seed,
                        result.recovered(),
                        result.worst(),
                        result.reports());
            }
        }
    }
}
