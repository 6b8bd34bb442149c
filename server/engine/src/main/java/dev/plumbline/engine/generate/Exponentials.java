package dev.plumbline.engine.generate;

/**
 * The exponential function of numbers that are at most 0, to about 13 digits: a vocabulary of them
 * is wanted for every token, and the platform's last digits cost more than all else there.
 */
final class Exponentials {
    private static final int BITS = 6;
    private static final int STEPS = 1 << BITS;
    private static final double STEP = Math.log(2) / STEPS;

    /** Below, the result is no normal number, and next to 1 it is nothing. */
    private static final double LEAST = -700;

    /** Powers of two with exponents of 0, 1/64, 2/64, … */
    private static final double[] POWERS = new double[STEPS];

    static {
        for (int i = 0; i < STEPS; i++) {
            POWERS[i] = Math.exp(i * STEP);
        }
    }

    private Exponentials() {}

    /** NaN gives NaN. */
    static double exp(double x) {
        if (x < LEAST) {
            return 0;
        }
        // x = n STEP + r with |r| <= STEP / 2, and a short series for r.
        int n = (int) (x * (1 / STEP) - 0.5);
        double r = x - n * STEP;
        double series = 1 + r * (1 + r * (1.0 / 2 + r * (1.0 / 6 + r * (1.0 / 24))));
        double power = Double.longBitsToDouble((1023L + (n >> BITS)) << 52);
        return power * POWERS[n & (STEPS - 1)] * series;
    }
}
