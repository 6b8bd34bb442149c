package dev.plumbline.engine.train;

import dev.plumbline.engine.checkpoint.PeftAdapter;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.runtime.Cancellation;
import java.nio.file.Path;
import java.util.Map;

/**
 * Examines a run's adapter every so many steps and keeps the best one in a folder of its own.
 *
 * <p>The best adapter is written before its value is counted: what a run is resumed from never
 * knows of an adapter that is not there. One that is newer than that is made again, to the same
 * bytes.
 */
final class GateKeeper {
    /** Beside the run's adapter. */
    static final String BEST = "best";

    private final Gate gate;
    private final GateSettings settings;
    private final Path best;
    private GateRecord record;

    /**
     * @param output folder of the run's adapter
     * @param record of the steps that were made already
     */
    GateKeeper(Examination examination, Path output, GateRecord record) {
        this.gate = examination.gate();
        this.settings = examination.settings();
        this.best = output.resolve(BEST);
        this.record = record;
    }

    GateRecord record() {
        return record;
    }

    /** Whether a step that was made is followed by an examination. */
    boolean isDue(int step, int steps) {
        return step % settings.every() == 0 || step == steps;
    }

    /** Examines what a step led to; its figures. */
    Map<String, Double> examine(int step, PeftAdapter adapter, Cancellation cancellation) {
        Map<String, Double> figures = gate.evaluate(LoraAdapter.of(adapter), cancellation);
        GateRecord next = record.with(step, figures, settings);
        if (next.bestStep() == step) {
            adapter.write(best);
        }
        record = next;
        return figures;
    }

    /** Whether the run stops here though there are more steps. */
    boolean stops() {
        return record.exhausts(settings);
    }

    /** The run's result: the best adapter where it is to be kept and there is one. */
    PeftAdapter result(PeftAdapter last) {
        return settings.keepBest() && record.bestStep() > 0 ? PeftAdapter.read(best) : last;
    }
}
