package dev.plumbline.plugins.sae;

import dev.plumbline.plugins.sae.SaeScorer.Scored;
import dev.plumbline.spi.Workshop;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Whether a fit came to anything, on rows that it did not see.
 *
 * @param explainedVariance share of the variance of difference vectors that is reconstructed
 * @param meanActivation of all latents
 * @param deadLatents those whose activation hardly differs between pairs: a constant one holds the
 *     sparsity and says nothing
 * @param latents number of latents
 */
record Convergence(double explainedVariance, double meanActivation, int deadLatents, int latents) {
    /** Rows that are looked at. */
    private static final int ROWS = 16;

    /** Standard deviation below which a latent is dead. */
    private static final double DEAD = 1e-3;

    /** Explained variance below which a fit came to nothing. */
    private static final double POOR = 0.1;

    private static final int SHOWN = 5;

    /** Looks at all candidates for some rows; shows those that move each latent most. */
    static Convergence of(Workshop workshop, SaeScorer scorer, int[] rows) {
        Statistics statistics = null;
        int looked = Math.min(ROWS, rows.length);
        for (int i = 0; i < looked; i++) {
            int row = rows[(int) ((long) i * rows.length / looked)];
            Scored scored =
                    scorer.score(
                            workshop.imageEmbedding(row),
                            workshop.promptEmbedding(row),
                            workshop.pool());
            statistics = statistics == null ? new Statistics(scored.latents()) : statistics;
            statistics.add(scored);
            workshop.progress("judging the autoencoder", i + 1L, looked);
        }
        if (statistics == null) {
            throw new IllegalStateException("a data set without rows");
        }
        statistics.exhibit(workshop);
        return statistics.result();
    }

    void report(Workshop workshop, SaeOptions options) {
        workshop.report("explained_variance", explainedVariance);
        workshop.report("mean_activation", meanActivation);
        workshop.report("rho", options.rho());
        workshop.report("dead_latents", deadLatents);
        workshop.report("latents", latents);
        workshop.report("poor_fit", isPoor() ? 1 : 0);
    }

    /** Whether so little is explained, or so many latents are constant, that scores say little. */
    private boolean isPoor() {
        return !(explainedVariance >= POOR) || deadLatents > latents / 2;
    }

    Map<String, String> metadata(SaeOptions options) {
        Map<String, String> metadata = new HashMap<>();
        metadata.put(
                "format", "plumbline sae 1: weights [latents, image, text], bias [image, text]");
        metadata.put("encoder", options.activation().kind().name());
        metadata.put("active", Integer.toString(options.activation().kept()));
        metadata.put("fit_seed", Integer.toString(options.fitSeed()));
        metadata.put("steps", Integer.toString(options.steps()));
        metadata.put("learning_rate", Double.toString(options.learningRate()));
        metadata.put("rho", Double.toString(options.rho()));
        metadata.put("gamma", Double.toString(options.gamma()));
        metadata.put("prompts", Integer.toString(options.prompts()));
        metadata.put("pairs", Integer.toString(options.pairs()));
        metadata.put("explained_variance", Double.toString(explainedVariance));
        metadata.put("mean_activation", Double.toString(meanActivation));
        metadata.put("dead_latents", Integer.toString(deadLatents));
        return metadata;
    }

    /** Sums over pairs. */
    private static final class Statistics {
        private final double[] sums;
        private final double[] squares;
        private final Map<Integer, PriorityQueue<double[]>> strongest = new HashMap<>();
        private double error;
        private double spread;
        private long pairs;

        Statistics(int latents) {
            this.sums = new double[latents];
            this.squares = new double[latents];
        }

        void add(Scored scored) {
            for (int i = 0; i < scored.size(); i++) {
                error += scored.errors()[i];
                spread += scored.spreads()[i];
                for (int j = 0; j < sums.length; j++) {
                    double z = scored.z().get(i * sums.length + j);
                    sums[j] += z;
                    squares[j] += z * z;
                    remember(j, i, z);
                }
            }
            pairs += scored.size();
        }

        /** The strongest few of each latent, each candidate once. */
        private void remember(int latent, int candidate, double z) {
            var queue =
                    strongest.computeIfAbsent(
                            latent, j -> new PriorityQueue<>((a, b) -> Double.compare(a[1], b[1])));
            if (queue.size() == SHOWN && z <= queue.element()[1]) {
                return;
            }
            for (double[] other : queue) {
                if (other[0] == candidate) {
                    if (z > other[1]) {
                        queue.remove(other);
                        queue.add(new double[] {candidate, z});
                    }
                    return;
                }
            }
            queue.add(new double[] {candidate, z});
            if (queue.size() > SHOWN) {
                queue.remove();
            }
        }

        private double deviation(int latent) {
            double mean = sums[latent] / pairs;
            return Math.sqrt(Math.max(0, squares[latent] / pairs - mean * mean));
        }

        void exhibit(Workshop workshop) {
            for (int j = 0; j < sums.length; j++) {
                if (deviation(j) < DEAD) {
                    continue;
                }
                int latent = j;
                strongest.getOrDefault(j, new PriorityQueue<>()).stream()
                        .sorted((a, b) -> Double.compare(b[1], a[1]))
                        .forEach(e -> workshop.exhibit("latent " + latent, (int) e[0], e[1]));
            }
        }

        Convergence result() {
            double mean = 0;
            int dead = 0;
            for (int j = 0; j < sums.length; j++) {
                mean += sums[j] / pairs / sums.length;
                dead += deviation(j) < DEAD ? 1 : 0;
            }
            return new Convergence(1 - error / spread, mean, dead, sums.length);
        }
    }
}
