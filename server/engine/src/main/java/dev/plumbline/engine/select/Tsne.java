package dev.plumbline.engine.select;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Points of many axes as points of a plane that keeps neighbors together: exact t-SNE (van der
 * Maaten and Hinton 2008, JMLR 9: 2579-2605), by gradient descent with momentum and gains. Matrices
 * are row by row in one array.
 */
final class Tsne {
    private static final double PERPLEXITY = 30;
    private static final int STEPS = 1000;
    private static final int EXAGGERATED_STEPS = 100;
    private static final double EXAGGERATION = 4;
    private static final double LEARNING_RATE = 100;
    private static final int BISECTIONS = 60;

    private Tsne() {}

    /**
     * A place in the plane for each point. The perplexity is 30, or a third of the other points
     * where there are fewer than 90 of them.
     *
     * @param random decides alone where the points start
     * @return x and y of each point
     */
    static double[][] map(float[][] points, RandomGenerator random) {
        int n = points.length;
        double perplexity = Math.max(1, Math.min(PERPLEXITY, (n - 1) / 3.0));
        double[] affinities = affinities(points, perplexity);
        double[] plane = random.doubles(2L * n, -1e-4, 1e-4).toArray();
        descend(affinities, plane);
        return IntStream.range(0, n)
                .mapToObj(i -> new double[] {plane[2 * i], plane[2 * i + 1]})
                .toArray(double[][]::new);
    }

    private static void descend(double[] affinities, double[] plane) {
        double[] exaggerated = Arrays.stream(affinities).map(p -> EXAGGERATION * p).toArray();
        double[] velocity = new double[plane.length];
        double[] gains = new double[plane.length];
        Arrays.fill(gains, 1);
        for (int step = 0; step < STEPS; step++) {
            boolean early = step < EXAGGERATED_STEPS;
            double[] gradient = gradient(early ? exaggerated : affinities, plane);
            double momentum = step < 250 ? 0.5 : 0.8;
            for (int i = 0; i < plane.length; i++) {
                boolean turned = (gradient[i] > 0) == (velocity[i] > 0);
                gains[i] = Math.max(0.01, turned ? 0.8 * gains[i] : gains[i] + 0.2);
                velocity[i] = momentum * velocity[i] - LEARNING_RATE * gains[i] * gradient[i];
                plane[i] += velocity[i];
            }
            center(plane);
        }
    }

    private static void center(double[] plane) {
        for (int axis = 0; axis < 2; axis++) {
            double sum = 0;
            for (int i = axis; i < plane.length; i += 2) {
                sum += plane[i];
            }
            for (int i = axis; i < plane.length; i += 2) {
                plane[i] -= 2 * sum / plane.length;
            }
        }
    }

    /** {@code p_ij}, symmetric; all sum to 1. */
    static double[] affinities(float[][] points, double perplexity) {
        int n = points.length;
        double[] joint = new double[n * n];
        for (int i = 0; i < n; i++) {
            double[] row = conditional(squaredDistances(points, i), i, perplexity);
            for (int j = 0; j < n; j++) {
                joint[i * n + j] += row[j] / (2 * n);
                joint[j * n + i] += row[j] / (2 * n);
            }
        }
        return joint;
    }

    private static double[] squaredDistances(float[][] points, int from) {
        return Arrays.stream(points)
                .mapToDouble(to -> {
                    double sum = 0;
                    for (int axis = 0; axis < to.length; axis++) {
                        double difference = to[axis] - points[from][axis];
                        sum += difference * difference;
                    }
                    return sum;
                })
                .toArray();
    }

    /**
     * {@code p_{j|self}}: a Gaussian around one point, as wide as the perplexity wants it.
     *
     * @param squaredDistances to all points
     */
    static double[] conditional(double[] squaredDistances, int self, double perplexity) {
        double[] distances = squaredDistances.clone();
        distances[self] = Double.POSITIVE_INFINITY;
        double nearest = Arrays.stream(distances).min().orElse(0);
        // What all have in common cancels in the quotient, and would underflow.
        for (int j = 0; j < distances.length; j++) {
            distances[j] -= j == self ? 0 : nearest;
        }
        double scale = Arrays.stream(distances).filter(Double::isFinite).average().orElse(0);
        if (scale == 0) {
            return gaussian(distances, 0, self);
        }
        double low = StrictMath.log(1e-6 / scale);
        double high = StrictMath.log(1e9 / scale);
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = (low + high) / 2;
            if (perplexity(gaussian(distances, StrictMath.exp(middle), self)) > perplexity) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return gaussian(distances, StrictMath.exp(low), self);
    }

    private static double[] gaussian(double[] squaredDistances, double precision, int self) {
        double[] shares = new double[squaredDistances.length];
        double sum = 0;
        for (int j = 0; j < shares.length; j++) {
            shares[j] = j == self ? 0 : StrictMath.exp(-precision * squaredDistances[j]);
            sum += shares[j];
        }
        for (int j = 0; j < shares.length; j++) {
            shares[j] /= Math.max(sum, Double.MIN_NORMAL);
        }
        return shares;
    }

    static double perplexity(double[] shares) {
        double entropy = 0;
        for (double share : shares) {
            entropy -= share > 0 ? share * StrictMath.log(share) : 0;
        }
        return StrictMath.exp(entropy);
    }

    /**
     * Of the Kullback-Leibler divergence of the plane's {@code q} from {@code p}: {@code 4 sum_j
     * (p_ij - q_ij) (y_i - y_j) / (1 + |y_i - y_j|^2)} (equation 5).
     */
    static double[] gradient(double[] affinities, double[] plane) {
        int n = plane.length / 2;
        double[] kernel = new double[n * n];
        double sum = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                double x = plane[2 * i] - plane[2 * j];
                double y = plane[2 * i + 1] - plane[2 * j + 1];
                kernel[i * n + j] = 1 / (1 + x * x + y * y);
                sum += 2 * kernel[i * n + j];
            }
        }
        double[] gradient = new double[plane.length];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                double near = kernel[i * n + j];
                double pull = 4 * (affinities[i * n + j] - near / sum) * near;
                double x = pull * (plane[2 * i] - plane[2 * j]);
                double y = pull * (plane[2 * i + 1] - plane[2 * j + 1]);
                gradient[2 * i] += x;
                gradient[2 * i + 1] += y;
                gradient[2 * j] -= x;
                gradient[2 * j + 1] -= y;
            }
        }
        return gradient;
    }
}
