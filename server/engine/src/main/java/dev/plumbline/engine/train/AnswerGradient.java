package dev.plumbline.engine.train;

import java.util.Arrays;

/**
 * How a loss changes with what the model makes of one answer.
 *
 * @param whole with the log-probability of the whole answer
 * @param tokens with those of its tokens, besides; empty where no loss reads them
 * @param kl with the KL to the reference at each token; empty where no loss reads it
 */
@SuppressWarnings("ArrayRecordComponent") // Read once, compared by nobody.
record AnswerGradient(double whole, double[] tokens, double[] kl) {
    private static final double[] NONE = {};

    static AnswerGradient of(double whole) {
        return new AnswerGradient(whole, NONE, NONE);
    }

    AnswerGradient times(double factor) {
        return new AnswerGradient(whole * factor, scaled(tokens, factor), scaled(kl, factor));
    }

    private static double[] scaled(double[] values, double factor) {
        return Arrays.stream(values).map(value -> value * factor).toArray();
    }

    /** With the log-probability of one token, in all. */
    double token(int index) {
        return tokens.length == 0 ? whole : whole + tokens[index];
    }

    /** With the KL at one token. */
    double kl(int index) {
        return kl.length == 0 ? 0 : kl[index];
    }
}
