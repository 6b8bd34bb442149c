package dev.plumbline.engine.generate;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Log-probabilities out of logits, summed in double precision. */
final class LogSoftmax {
    private final float[] logits;
    private final double normalizer;

    LogSoftmax(float[] logits) {
        this.logits = logits;
        float largest = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            largest = Math.max(largest, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Exponentials.exp((double) logit - largest);
        }
        this.normalizer = largest + Math.log(sum);
    }

    double of(int id) {
        return logits[id] - normalizer;
    }

    /** The likeliest tokens, the likeliest first. */
    List<TokenLogprob> top(int count) {
        Comparator<TokenLogprob> order = Comparator.comparingDouble(TokenLogprob::logprob);
        PriorityQueue<TokenLogprob> best = new PriorityQueue<>(order);
        for (int id = 0; id < logits.length && count > 0; id++) {
            best.add(new TokenLogprob(id, of(id)));
            if (best.size() > count) {
                best.remove();
            }
        }
        return best.stream().sorted(order.reversed()).toList();
    }
}
