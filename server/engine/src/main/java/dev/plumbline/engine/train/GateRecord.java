package dev.plumbline.engine.train;

import dev.plumbline.engine.train.GateSettings.Better;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a run's examinations went so far; all that later decisions depend on, as plain values.
 *
 * @param best value of the deciding metric, null before there is one
 * @param bestStep whose adapter had it, 0 before there is one
 * @param worse examinations since then
 */
public record GateRecord(@Nullable Double best, int bestStep, int worse) {
    /** Before the first examination. */
    public static final GateRecord NONE = new GateRecord(null, 0, 0);

    /**
     * With one more; of equal values the earlier stays the best. A figure without value is worse.
     */
    GateRecord with(int step, Map<String, Double> figures, GateSettings settings) {
        Double value = figures.get(settings.metric());
        boolean better =
                value != null && Double.isFinite(value) && isBetter(value, settings.better());
        return better ? new GateRecord(value, step, 0) : new GateRecord(best, bestStep, worse + 1);
    }

    private boolean isBetter(double value, Better better) {
        Double known = best;
        if (known == null) {
            return true;
        }
        return better == Better.HIGHER ? value > known : value < known;
    }

    /** Whether the run has waited long enough for something better. */
    boolean exhausts(GateSettings settings) {
        return settings.patience() > 0 && worse >= settings.patience();
    }
}
