package dev.plumbline.engine.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class TsneTest {
    private static final int CLUSTERS = 4;

    /** Points around corners of a hypercube; the cluster of point i is i modulo their number. */
    private static float[][] clusters(int count, RandomGenerator random) {
        float[][] points = new float[count][16];
        for (int i = 0; i < count; i++) {
            for (int axis = 0; axis < 16; axis++) {
                points[i][axis] = (float) (0.2 * random.nextGaussian());
            }
            points[i][i % CLUSTERS] += 1;
        }
        return points;
    }

    private static double distance(double[] a, double[] b) {
        return Math.hypot(a[0] - b[0], a[1] - b[1]);
    }

    /** Share of points whose nearest neighbor is of their own cluster. */
    private static double together(double[][] plane) {
        int same = 0;
        for (int i = 0; i < plane.length; i++) {
            int nearest = i == 0 ? 1 : 0;
            for (int j = 0; j < plane.length; j++) {
                if (j != i && distance(plane[i], plane[j]) < distance(plane[i], plane[nearest])) {
                    nearest = j;
                }
            }
            same += i % CLUSTERS == nearest % CLUSTERS ? 1 : 0;
        }
        return (double) same / plane.length;
    }

    @Test
    void clustersStayTogetherAndApart() {
        double[][] plane =
                Tsne.map(clusters(120, new SplittableRandom(1)), new SplittableRandom(2));
        assertThat(together(plane)).isEqualTo(1);
        for (int a = 0; a < CLUSTERS; a++) {
            for (int b = 0; b < a; b++) {
                assertThat(distance(middle(plane, a), middle(plane, b)))
                        .isGreaterThan(2 * spread(plane, a))
                        .isGreaterThan(2 * spread(plane, b));
            }
        }
    }

    private static double[] middle(double[][] plane, int cluster) {
        double[] sum = new double[2];
        int count = 0;
        for (int i = cluster; i < plane.length; i += CLUSTERS) {
            sum[0] += plane[i][0];
            sum[1] += plane[i][1];
            count++;
        }
        return new double[] {sum[0] / count, sum[1] / count};
    }

    /** Mean distance from the middle. */
    private static double spread(double[][] plane, int cluster) {
        double[] middle = middle(plane, cluster);
        double sum = 0;
        int count = 0;
        for (int i = cluster; i < plane.length; i += CLUSTERS) {
            sum += distance(plane[i], middle);
            count++;
        }
        return sum / count;
    }

    @Test
    void theSeedDecides() {
        float[][] points = clusters(40, new SplittableRandom(1));
        double[][] once = Tsne.map(points, new SplittableRandom(5));
        assertThat(Tsne.map(points, new SplittableRandom(5))).isDeepEqualTo(once);
        assertThat(Arrays.deepEquals(Tsne.map(points, new SplittableRandom(6)), once)).isFalse();
    }

    @Test
    void widthsAreSolvedForThePerplexity() {
        RandomGenerator random = new SplittableRandom(3);
        for (double scale : new double[] {1e-6, 1, 1e6}) {
            double[] distances = random.doubles(50, scale, 3 * scale).toArray();
            for (double wanted : new double[] {2, 5, 30}) {
                double[] shares = Tsne.conditional(distances, 7, wanted);
                assertThat(Tsne.perplexity(shares)).isCloseTo(wanted, within(1e-6));
                assertThat(Arrays.stream(shares).sum()).isCloseTo(1, within(1e-12));
                assertThat(shares[7]).isZero();
            }
        }
    }

    @Test
    void affinitiesAreSymmetricAndSumToOne() {
        double[] joint = Tsne.affinities(clusters(30, new SplittableRandom(4)), 5);
        assertThat(Arrays.stream(joint).sum()).isCloseTo(1, within(1e-12));
        for (int i = 0; i < 30; i++) {
            for (int j = 0; j < 30; j++) {
                assertThat(joint[30 * i + j]).isEqualTo(joint[30 * j + i]);
            }
        }
    }

    @Test
    void theGradientIsThatOfTheDivergence() {
        RandomGenerator random = new SplittableRandom(6);
        double[] affinities = Tsne.affinities(clusters(12, random), 3);
        double[] plane = random.doubles(24, -2, 2).toArray();
        double[] gradient = Tsne.gradient(affinities, plane);
        for (int i = 0; i < plane.length; i++) {
            double step = 1e-5;
            double[] more = plane.clone();
            double[] less = plane.clone();
            more[i] += step;
            less[i] -= step;
            double slope =
                    (divergence(affinities, more) - divergence(affinities, less)) / (2 * step);
            assertThat(gradient[i]).isCloseTo(slope, within(1e-8));
        }
    }

    /** {@code sum p log(p / q)}, written out. */
    private static double divergence(double[] affinities, double[] plane) {
        int n = plane.length / 2;
        double[] kernel = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                double x = plane[2 * i] - plane[2 * j];
                double y = plane[2 * i + 1] - plane[2 * j + 1];
                kernel[i * n + j] = i == j ? 0 : 1 / (1 + x * x + y * y);
            }
        }
        double sum = Arrays.stream(kernel).sum();
        double divergence = 0;
        for (int i = 0; i < kernel.length; i++) {
            if (affinities[i] > 0) {
                divergence += affinities[i] * Math.log(affinities[i] / (kernel[i] / sum));
            }
        }
        return divergence;
    }

    @Test
    void fewOrEqualPointsHaveFinitePlaces() {
        for (int count : new int[] {0, 1, 2, 3, 4}) {
            float[][] points = clusters(count, new SplittableRandom(7));
            finite(Tsne.map(points, new SplittableRandom(8)), count);
        }
        finite(Tsne.map(new float[20][8], new SplittableRandom(9)), 20);
    }

    private static void finite(double[][] plane, int count) {
        assertThat(plane.length).isEqualTo(count);
        for (double[] place : plane) {
            assertThat(Arrays.stream(place).allMatch(Double::isFinite)).isTrue();
        }
    }
}
