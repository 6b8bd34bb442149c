package dev.plumbline.engine.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether the chosen answers become unlikelier while the margin grows, which a loss of differences
 * allows (Razin et al. 2024, arXiv 2410.08847; RLHF-V/RLHF-V#26).
 *
 * <p>Means over the last {@value #WINDOW} steps are held against those of the window in which the
 * chosen answers were likeliest, or against the reference, of which both figures are 0. It holds
 * when the log-ratio of the chosen answers lies at least {@value #LEAST_FALL} nat and {@value
 * #SURE} standard errors below, and the margin as many standard errors above: batches differ, and
 * their noise must not sound.
 */
final class ChosenFall {
    static final int WINDOW = 16;
    static final double LEAST_FALL = 1;
    static final double SURE = 6;

    private final List<Double> chosen = new ArrayList<>();
    private final List<Double> margins = new ArrayList<>();
    private Level peak;

    /**
     * Means of a window, and the variances of these means.
     *
     * @param chosen of the chosen answers' log-ratio
     */
    record Level(double chosen, double chosenVariance, double margin, double marginVariance) {}

    /** The steps of the window, and the level in which the chosen answers were likeliest. */
    record State(List<Double> chosen, List<Double> margins, Level peak) {
        /** Before the first step: of the reference itself, both figures are 0. */
        static final State NONE = new State(List.of(), List.of(), new Level(0, 0, 0, 0));

        State {
            chosen = List.copyOf(chosen);
            margins = List.copyOf(margins);
        }
    }

    ChosenFall(State state) {
        chosen.addAll(state.chosen());
        margins.addAll(state.margins());
        peak = state.peak();
    }

    State state() {
        return new State(chosen, margins, peak);
    }

    /** What is to be said of it now, if it holds. */
    Optional<String> look(StepSigns signs) {
        chosen.add(signs.chosenLogratio());
        margins.add(signs.margin());
        if (chosen.size() > WINDOW) {
            chosen.removeFirst();
            margins.removeFirst();
        }
        if (chosen.size() < WINDOW) {
            return Optional.empty();
        }
        Level now = new Level(mean(chosen), error(chosen), mean(margins), error(margins));
        Level best = peak;
        if (now.chosen() >= best.chosen()) {
            peak = now;
            return Optional.empty();
        }
        double fall = best.chosen() - now.chosen();
        double growth = now.margin() - best.margin();
        boolean falls =
                fall >= LEAST_FALL
                        && fall > SURE * deviation(best.chosenVariance(), now.chosenVariance());
        boolean grows = growth > SURE * deviation(best.marginVariance(), now.marginVariance());
        return falls && grows ? Optional.of(message(best, now)) : Optional.empty();
    }

    private static String message(Level best, Level now) {
        return String.format(
                Locale.ROOT,
                "log p(chosen) - log p_ref(chosen) fell from %.2f to %.2f while the margin grew from %.2f to %.2f (means of %d steps): the model learns what to avoid and forgets what to say; lower learning_rate or beta, stop earlier, or look for rows whose two answers are nearly the same",
                best.chosen(),
                now.chosen(),
                best.margin(),
                now.margin(),
                WINDOW);
    }

    private static double deviation(double variance, double other) {
        return Math.sqrt(variance + other);
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    /** Variance of the mean. */
    private static double error(List<Double> values) {
        double mean = mean(values);
        double squares = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
        return squares / (values.size() - 1) / values.size();
    }
}
