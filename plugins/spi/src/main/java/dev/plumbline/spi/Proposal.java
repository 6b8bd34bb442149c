package dev.plumbline.spi;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * A proposal over candidates, {@code q_i = softmax(score_i / T)} (MISP-DPO, arXiv 2509.25717,
 * section 3.2), from which negatives are drawn with their importance weights.
 */
public final class Proposal {
    private static final String SAMPLING = "sampling";
    private static final String TEMPERATURE = "temperature";
    private static final double LEAST_SHARE = 0.05;
    private static final int BISECTIONS = 100;

    private final double[] scores;
    private final int k;
    private final double temperature;
    private final double[] logQ;

    private Proposal(double[] scores, int k, double temperature) {
        this.scores = scores;
        this.k = k;
        this.temperature = temperature;
        this.logQ = logSoftmax(scores, temperature);
    }

    /**
     * @param scores one a candidate, the higher the likelier; not copied
     * @param k how many are going to be drawn
     * @param temperature 0 solves for one whose perplexity is max(2k, 0.05 N), infinite (uniform)
     *     where {@code N <= 2k}
     */
    public static Proposal of(double[] scores, int k, double temperature) {
        for (double score : scores) {
            if (!Double.isFinite(score)) {
                throw new IllegalArgumentException("a score that is not a finite number");
            }
        }
        return new Proposal(scores, k, temperature > 0 ? temperature : solve(scores, k));
    }

    /** The options {@code sampling}, greedy by default, and {@code temperature}. */
    public static List<OptionSpec> options() {
        return List.of(
                OptionSpec.choice(
                        SAMPLING,
                        List.of(Choice.GREEDY, Choice.WITH_REPLACEMENT, Choice.WITHOUT_REPLACEMENT),
                        "greedy takes the best; the others draw from softmax(score / temperature)."),
                OptionSpec.number(
                        TEMPERATURE,
                        0,
                        0,
                        1e6,
                        "Of the proposal; 0 solves for a perplexity of max(2k, 0.05 N)."));
    }

    /** Whether the options ask for the best rather than for a draw. */
    public static boolean isGreedy(Options options) {
        return options.text(SAMPLING).equals(Choice.GREEDY);
    }

    /** Draws as the options say, which are not greedy. */
    public static Choice draw(double[] scores, Selection selection, Options options) {
        Proposal proposal = of(scores, selection.k(), options.number(TEMPERATURE));
        String sampling = options.text(SAMPLING);
        List<Negative> drawn =
                sampling.equals(Choice.WITH_REPLACEMENT)
                        ? proposal.withReplacement(selection.random())
                        : proposal.withoutReplacement(selection.random());
        return new Choice(drawn, sampling, proposal.temperature());
    }

    /** Infinite where the proposal is uniform. */
    public double temperature() {
        return temperature;
    }

    /** {@code log q_i}. */
    public double logQ(int index) {
        return logQ[index];
    }

    /** Draws k, each from all: {@code log_weight = -log(K q)}. */
    public List<Negative> withReplacement(RandomGenerator random) {
        double[] upTo = new double[logQ.length];
        double sum = 0;
        for (int i = 0; i < upTo.length; i++) {
            sum += Math.exp(logQ[i]);
            upTo[i] = sum;
        }
        List<Negative> drawn = new ArrayList<>();
        for (int draw = 0; draw < k; draw++) {
            int index = firstAbove(upTo, random.nextDouble() * sum);
            drawn.add(negative(index, -Math.log(k) - logQ[index]));
        }
        return drawn;
    }

    private static int firstAbove(double[] upTo, double level) {
        int low = 0;
        int high = upTo.length - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (upTo[middle] > level) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /**
     * Draws k different ones by perturbing {@code log q} with Gumbel noise (Kool et al. 2019, arXiv
     * 1903.06059): {@code log_weight = -log(1 - exp(-exp(log q - kappa)))} with the (k+1)-th
     * largest perturbed value {@code kappa}, 0 where all are taken. The sum of weighted values over
     * what was drawn is an unbiased estimate of the pool's.
     */
    public List<Negative> withoutReplacement(RandomGenerator random) {
        if (k > logQ.length) {
            throw new IllegalArgumentException(
                    "cannot draw %d different ones out of %d".formatted(k, logQ.length));
        }
        double[] perturbed = new double[logQ.length];
        for (int i = 0; i < perturbed.length; i++) {
            // In (0, 1]: 0 would be an infinite perturbation.
            double uniform = 1 - random.nextDouble();
            perturbed[i] = logQ[i] - Math.log(-Math.log(uniform) + Double.MIN_NORMAL);
        }
        int[] order = largest(perturbed, Math.min(k + 1, perturbed.length));
        double kappa = k < perturbed.length ? perturbed[order[k]] : Double.NEGATIVE_INFINITY;
        return IntStream.of(order)
                .limit(k)
                .mapToObj(i -> negative(i, logWeight(logQ[i], kappa)))
                .toList();
    }

    private static double logWeight(double logQ, double kappa) {
        // -expm1(-x) is 1 - exp(-x) without cancellation where the candidate was unlikely.
        return -Math.log(-Math.expm1(-Math.exp(logQ - kappa)));
    }

    private Negative negative(int index, double logWeight) {
        return Negative.of(index, scores[index], logQ[index], logWeight);
    }

    /** Indices of the largest values, the largest first, of equal ones the lower index first. */
    private static int[] largest(double[] values, int count) {
        return IntStream.range(0, values.length)
                .boxed()
                .sorted((a, b) -> {
                    int byValue = Double.compare(values[b], values[a]);
                    return byValue != 0 ? byValue : Integer.compare(a, b);
                })
                .limit(count)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** Perplexity grows with the temperature: from the number of best ones to N. */
    private static double solve(double[] scores, int k) {
        int n = scores.length;
        double wanted = Math.max(2.0 * k, LEAST_SHARE * n);
        double least = IntStream.range(0, n).mapToDouble(i -> scores[i]).min().orElse(0);
        double most = IntStream.range(0, n).mapToDouble(i -> scores[i]).max().orElse(0);
        if (n <= 2 * k || most == least) {
            return Double.POSITIVE_INFINITY;
        }
        double low = Math.log((most - least) * 1e-9);
        double high = Math.log((most - least) * 1e9);
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = (low + high) / 2;
            if (perplexity(logSoftmax(scores, Math.exp(middle))) < wanted) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return Math.exp(high);
    }

    private static double perplexity(double[] logQ) {
        double entropy = 0;
        for (double log : logQ) {
            entropy -= Math.exp(log) * log;
        }
        return Math.exp(entropy);
    }

    private static double[] logSoftmax(double[] scores, double temperature) {
        double most = IntStream.range(0, scores.length).mapToDouble(i -> scores[i]).max().orElse(0);
        double sum = 0;
        double[] logs = new double[scores.length];
        for (int i = 0; i < logs.length; i++) {
            logs[i] = (scores[i] - most) / temperature;
            sum += Math.exp(logs[i]);
        }
        double logSum = Math.log(sum);
        for (int i = 0; i < logs.length; i++) {
            logs[i] -= logSum;
        }
        return logs;
    }
}
