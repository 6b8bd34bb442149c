package dev.plumbline.engine.train;

/**
 * Inner products of the differences {@code grad r(m_i) - grad r(m_p)}: with them, and without the
 * gradients themselves, lengths and angles of all that is a linear combination of these.
 */
final class GradientProducts {
    private final double[][] products;

    /**
     * @param products symmetric, one row a candidate
     */
    GradientProducts(double[][] products) {
        this.products = products;
    }

    /**
     * @param withPositive inner products of the gradients themselves, the positive picture's last
     */
    static GradientProducts differences(double[][] withPositive) {
        int n = withPositive.length - 1;
        double[] positive = withPositive[n];
        double[][] differences = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                differences[i][j] = withPositive[i][j] - positive[i] - positive[j] + positive[n];
            }
        }
        return new GradientProducts(differences);
    }

    /** Of each difference with the combination of all by these coefficients. */
    double[] times(double[] coefficients) {
        double[] result = new double[products.length];
        for (int i = 0; i < result.length; i++) {
            double sum = 0;
            for (int j = 0; j < result.length; j++) {
                sum += products[i][j] * coefficients[j];
            }
            result[i] = sum;
        }
        return result;
    }

    /** Squared length of a combination of all. */
    double square(double[] coefficients) {
        double[] product = times(coefficients);
        double sum = 0;
        for (int i = 0; i < product.length; i++) {
            sum += coefficients[i] * product[i];
        }
        return Math.max(0, sum);
    }

    /** Squared length of a combination of some. */
    double square(int[] candidates, double[] coefficients) {
        double sum = 0;
        for (int i = 0; i < candidates.length; i++) {
            for (int j = 0; j < candidates.length; j++) {
                sum += coefficients[i] * coefficients[j] * products[candidates[i]][candidates[j]];
            }
        }
        return Math.max(0, sum);
    }
}
