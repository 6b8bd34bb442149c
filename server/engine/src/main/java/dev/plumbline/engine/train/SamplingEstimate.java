package dev.plumbline.engine.train;

/**
 * What the Plackett-Luce form makes of some candidates. Its gradient is {@code sum_i coefficient_i
 * (grad r(m_i) - grad r(m_p))}.
 *
 * @param logSum logarithm of the sum inside the sigmoid's logarithm
 * @param sigmoid {@code sigmoid(log sum)}, which weighs the whole gradient
 * @param candidates that have a coefficient; one may be there twice
 * @param coefficients one each
 */
@SuppressWarnings("ArrayRecordComponent") // Made and read a million times.
record SamplingEstimate(double logSum, double sigmoid, int[] candidates, double[] coefficients) {
    /**
     * {@code beta sigmoid(lse a) softmax(a)_i}: the gradient of {@code -log sigmoid(-lse a)}
     * (MISP-DPO, arXiv 2509.25717, Lemma 4.1).
     *
     * @param a shifted by the weights
     */
    static SamplingEstimate plackettLuce(double[] a, int[] candidates, double beta) {
        double logSum = logSumExp(a);
        double sigmoid = sigmoid(logSum);
        double[] coefficients = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            coefficients[i] = beta * sigmoid * Math.exp(a[i] - logSum);
        }
        return new SamplingEstimate(logSum, sigmoid, candidates, coefficients);
    }

    static double sigmoid(double x) {
        return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
    }

    static double logSumExp(double[] values) {
        double most = Double.NEGATIVE_INFINITY;
        for (double value : values) {
            most = Math.max(most, value);
        }
        double sum = 0;
        for (double value : values) {
            sum += Math.exp(value - most);
        }
        return most + Math.log(sum);
    }
}
