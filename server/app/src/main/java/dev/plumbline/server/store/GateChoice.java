package dev.plumbline.server.store;

import dev.plumbline.engine.error.PlumblineException;
import java.util.List;

/**
 * A POPE set that a run is examined with as it goes.
 *
 * @param data file or folder of POPE's questions; empty examines nothing
 * @param images folder of their pictures; empty stands for {@code images} beside the file, or the
 *     file's own folder
 * @param every steps between two examinations
 * @param metric the figure that decides which adapter is best
 * @param keepBest whether the best adapter is the result, and not the last
 * @param patience examinations without a better figure after which the run stops; 0 never
 */
public record GateChoice(
        String data, String images, int every, String metric, boolean keepBest, int patience) {
    public static final int DEFAULT_EVERY = 20;

    /** The first is the default. */
    public static final List<String> METRICS =
            List.of("accuracy", "f1", "precision", "recall", "false_yes");

    /** No examination. */
    public static final GateChoice NONE =
            new GateChoice("", "", DEFAULT_EVERY, METRICS.getFirst(), true, 0);

    public GateChoice {
        SpecChecks.atLeast("spec.gate_every", every, 1);
        SpecChecks.oneOf("spec.gate_metric", metric, METRICS);
        SpecChecks.atLeast("spec.early_stop_patience", patience, 0);
        if (data.isEmpty() && (!images.isEmpty() || patience > 0)) {
            throw PlumblineException.invalid(
                    "spec.gate_data",
                    "FIELD_MISSING",
                    "spec.gate_data must name the POPE file that the run is examined with");
        }
    }

    public boolean wanted() {
        return !data.isEmpty();
    }
}
