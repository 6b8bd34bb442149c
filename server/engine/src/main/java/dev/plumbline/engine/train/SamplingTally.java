package dev.plumbline.engine.train;

import dev.plumbline.engine.train.SamplingFigures.Weights;
import java.util.Arrays;

/** Adds up what an estimator gave, draw by draw, for one row. */
final class SamplingTally {
    private final SamplingTarget target;
    private final GradientProducts products;
    private final double[] alongTarget;
    private final double[] alongPool;
    private final double targetLength;
    private final double poolLength;
    private final double[] meanCoefficients;
    private final Moments sum = new Moments();
    private final Moments sigmoid = new Moments();
    private final Moments squares = new Moments();
    private final Moments lengths = new Moments();
    private final Moments cosines = new Moments();
    private final Moments poolCosines = new Moments();
    private final WeightMoments proposal = new WeightMoments();
    private final WeightMoments policy = new WeightMoments();

    /**
     * @param pool of the whole pool's loss, to whose direction all are compared beside their own
     */
    SamplingTally(SamplingTarget target, SamplingTarget pool, GradientProducts products) {
        this.target = target;
        this.products = products;
        this.alongTarget = products.times(target.coefficients());
        this.alongPool = products.times(pool.coefficients());
        this.targetLength = Math.sqrt(products.square(target.coefficients()));
        this.poolLength = Math.sqrt(products.square(pool.coefficients()));
        this.meanCoefficients = new double[target.coefficients().length];
    }

    /**
     * @param a of the whole pool
     */
    void add(SamplingEstimate estimate, SamplingDraw draw, double[] a) {
        sum.add(Math.exp(estimate.logSum() - target.logSum()));
        sigmoid.add(estimate.sigmoid() / target.sigmoid());
        double square = products.square(estimate.candidates(), estimate.coefficients());
        double length = Math.sqrt(square);
        squares.add(square);
        lengths.add(length);
        double dot = 0;
        double poolDot = 0;
        for (int i = 0; i < estimate.candidates().length; i++) {
            int candidate = estimate.candidates()[i];
            double coefficient = estimate.coefficients()[i];
            meanCoefficients[candidate] += coefficient;
            dot += coefficient * alongTarget[candidate];
            poolDot += coefficient * alongPool[candidate];
        }
        cosines.add(dot / (length * targetLength));
        poolCosines.add(poolDot / (length * poolLength));
        proposal.add(draw.logWeights());
        double[] both = draw.of(a);
        for (int i = 0; i < both.length; i++) {
            both[i] += draw.logWeights()[i];
        }
        policy.add(both);
    }

    SamplingFigures figures() {
        long n = sum.count;
        double[] mean = Arrays.stream(meanCoefficients).map(value -> value / n).toArray();
        double meanSquare = products.square(mean);
        double variance = n < 2 ? 0 : Math.max(0, squares.mean() - meanSquare) * n / (n - 1);
        double[] difference = mean.clone();
        double dot = 0;
        for (int i = 0; i < mean.length; i++) {
            difference[i] -= target.coefficients()[i];
            dot += mean[i] * alongTarget[i];
        }
        return new SamplingFigures(
                sum.mean() - 1,
                sum.deviation(),
                sigmoid.mean() - 1,
                sigmoid.deviation(),
                Math.sqrt(products.square(difference)) / targetLength,
                Math.sqrt(variance / n) / targetLength,
                Math.sqrt(variance) / targetLength,
                cosines.mean(),
                dot / (Math.sqrt(meanSquare) * targetLength),
                poolCosines.mean(),
                lengths.mean() / targetLength,
                proposal.figures(),
                policy.figures());
    }

    /** Mean and standard deviation of numbers, one by one (Welford 1962). */
    private static final class Moments {
        private long count;
        private double mean;
        private double squares;

        void add(double value) {
            count++;
            double before = value - mean;
            mean += before / count;
            squares += before * (value - mean);
        }

        double mean() {
            return count == 0 ? Double.NaN : mean;
        }

        double deviation() {
            return count < 2 ? 0 : Math.sqrt(squares / (count - 1));
        }
    }

    private static final class WeightMoments {
        private final Moments ess = new Moments();
        private final Moments variance = new Moments();

        /**
         * @param logWeights whatever their scale
         */
        void add(double[] logWeights) {
            double scale = SamplingEstimate.logSumExp(logWeights) - Math.log(logWeights.length);
            double squares = 0;
            for (double logWeight : logWeights) {
                double v = Math.exp(logWeight - scale);
                squares += v * v;
            }
            double k = logWeights.length;
            ess.add(k * k / squares);
            variance.add(squares / k - 1);
        }

        Weights figures() {
            return new Weights(ess.mean(), variance.mean());
        }
    }
}
