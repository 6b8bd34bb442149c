package dev.plumbline.server.store;

import java.util.Objects;

/**
 * What a run does, checked, with defaults filled in.
 *
 * @param model resource name
 * @param data a data set, or rows in any known format on this machine
 * @param output folder for the adapter; empty stands for one in the run's own folder
 * @param checkpointEvery steps between two checkpoints; 0 for one a minute
 */
public record RunSpec(
        String model,
        String data,
        RowsChoice rows,
        String output,
        LossSettings loss,
        LoraChoice lora,
        OptimizerChoice optimizer,
        BatchChoice batch,
        NegativesChoice negatives,
        long seed,
        int checkpointEvery,
        GateChoice gate) {
    public RunSpec {
        // Runs of earlier versions have none.
        gate = Objects.requireNonNullElse(gate, GateChoice.NONE);
        SpecChecks.present("spec.model", model);
        SpecChecks.present("spec.data", data);
        SpecChecks.atLeast("spec.checkpoint_every", checkpointEvery, 0);
        rows = RowsChoice.orDefault(rows);
        SpecChecks.oneOf("spec.on_bad_row", rows.onBadRow(), RowsChoice.ON_BAD_ROW);
    }
}
