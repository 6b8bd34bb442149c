package dev.plumbline.engine.train;

import dev.plumbline.engine.data.NegativeImage;
import dev.plumbline.engine.data.PreferenceExample;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether a few negatives have nearly all of the importance weight, which says that the proposal
 * does not cover what it stands for. Of the proposal's weights alone, and of rows that were
 * sampled: greedy choices have none. It holds where the median effective share of a row's
 * negatives, ESS / K, is below {@value #LEAST_SHARE} over the last {@value #MOST_ROWS} rows (and at
 * least {@value #FEWEST_ROWS}), or the weights' variance over a batch is above {@value
 * #MOST_VARIANCE}, each row's weights scaled to a mean of 1.
 */
final class ProposalWeights {
    static final int MOST_ROWS = 32;
    static final int FEWEST_ROWS = 8;
    static final double LEAST_SHARE = 0.5;
    static final double MOST_VARIANCE = 1e3;

    private final List<Double> shares = new ArrayList<>();

    /** ESS / K of the latest rows. */
    record State(List<Double> shares) {
        static final State NONE = new State(List.of());

        State {
            shares = List.copyOf(shares);
        }
    }

    ProposalWeights(State state) {
        shares.addAll(state.shares());
    }

    State state() {
        return new State(shares);
    }

    /** What is to be said of it now, if it holds. */
    Optional<String> look(StepSigns signs) {
        List<double[]> drawn = new ArrayList<>();
        for (PreferenceExample row : signs.rows()) {
            if (!row.mining().sampling().equals("greedy") && row.negatives().size() > 1) {
                drawn.add(row.negatives().stream().mapToDouble(NegativeImage::logWeight).toArray());
            }
        }
        for (double[] row : drawn) {
            shares.add(WeightSpread.of(List.of(row)).ess() / row.length);
        }
        while (shares.size() > MOST_ROWS) {
            shares.removeFirst();
        }
        return drawn.isEmpty() ? Optional.empty() : verdict(WeightSpread.of(drawn).variance());
    }

    private Optional<String> verdict(double variance) {
        if (variance > MOST_VARIANCE) {
            return Optional.of(message("the weights' variance over the batch is %.0f", variance));
        }
        double median = median();
        return shares.size() >= FEWEST_ROWS && median < LEAST_SHARE
                ? Optional.of(
                        message("the median effective share of a row's negatives is %.2f", median))
                : Optional.empty();
    }

    private static String message(String what, double value) {
        return String.format(Locale.ROOT, what, value)
                + ": one negative stands for nearly all of its row; sample at a higher temperature, or with weighting=clipped";
    }

    private double median() {
        List<Double> sorted = shares.stream().sorted().toList();
        int half = sorted.size() / 2;
        if (sorted.isEmpty()) {
            return Double.NaN;
        }
        return sorted.size() % 2 == 1
                ? sorted.get(half)
                : (sorted.get(half - 1) + sorted.get(half)) / 2;
    }
}
