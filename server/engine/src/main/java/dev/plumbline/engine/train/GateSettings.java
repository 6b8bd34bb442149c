package dev.plumbline.engine.train;

import dev.plumbline.engine.error.PlumblineException;

/**
 * When a run is examined, and what follows.
 *
 * @param every steps between two examinations; the last step always has one
 * @param metric the figure that decides which adapter is best
 * @param better which values of it are
 * @param keepBest whether the best adapter is the run's result, and not the last
 * @param patience examinations without a better value after which the run stops; 0 never
 */
public record GateSettings(
        int every, String metric, Better better, boolean keepBest, int patience) {
    /** The direction of an improvement. */
    public enum Better {
        HIGHER,
        LOWER
    }

    public GateSettings {
        require(every >= 1, "gate_every", "at least 1", every);
        require(patience >= 0, "early_stop_patience", "at least 0", patience);
    }

    private static void require(boolean condition, String field, String range, int value) {
        if (!condition) {
            throw PlumblineException.invalid(
                    field, "OUT_OF_RANGE", field + " must be " + range + ", not " + value);
        }
    }
}
