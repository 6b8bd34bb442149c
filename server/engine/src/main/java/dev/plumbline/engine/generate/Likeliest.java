package dev.plumbline.engine.generate;

import java.util.Arrays;
import java.util.stream.LongStream;

/** The likeliest of many tokens in order, without sorting all of a vocabulary. */
final class Likeliest {
    /** Tokens that are less likely than the likeliest by this factor are looked at later. */
    private static final double STEP = 1e-3;

    private final float[] scores;
    private final double[] weights;

    /**
     * @param weights proportional to the probabilities, 1 for the likeliest; they fall with the
     *     scores
     */
    Likeliest(float[] scores, double[] weights) {
        this.scores = scores;
        this.weights = weights;
    }

    /**
     * The likeliest first, of equal ones the lower id: at most top_k, and no more than make up
     * top_p of those.
     *
     * @param topK 0 for all
     */
    int[] first(int topK, double topP) {
        for (double least = STEP; least > Double.MIN_NORMAL; least *= STEP) {
            int[] ids = atLeast(least);
            if (topK > 0 && ids.length >= topK) {
                return within(Arrays.copyOf(ids, topK), topP, 0);
            }
            if (topK == 0 && sum(ids) >= topP * sum(weights)) {
                return within(ids, topP, sum(weights));
            }
        }
        int[] all = atLeast(0);
        int most = topK == 0 ? all.length : Math.min(topK, all.length);
        return within(Arrays.copyOf(all, most), topP, 0);
    }

    /**
     * @param total of which top_p is meant; 0 for the ids' own
     */
    private int[] within(int[] ids, double topP, double total) {
        double wanted = topP * (total == 0 ? sum(ids) : total);
        double sum = 0;
        int count = 0;
        while (count < ids.length && (count == 0 || sum < wanted)) {
            sum += weights[ids[count]];
            count++;
        }
        return Arrays.copyOf(ids, count);
    }

    /** All of at least this weight, in order. */
    private int[] atLeast(double least) {
        LongStream.Builder keys = LongStream.builder();
        for (int id = 0; id < weights.length; id++) {
            if (weights[id] >= least) {
                keys.add(key(id));
            }
        }
        return keys.build().sorted().mapToInt(key -> (int) key).toArray();
    }

    /** Falls as the score rises, and rises with the id. */
    private long key(int id) {
        int bits = Float.floatToIntBits(scores[id]);
        // The order of the bits as integers is then that of the numbers.
        int ordered = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
        return ((long) ~ordered << 32) | id;
    }

    private double sum(int[] ids) {
        double sum = 0;
        for (int id : ids) {
            sum += weights[id];
        }
        return sum;
    }

    private static double sum(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }
}
