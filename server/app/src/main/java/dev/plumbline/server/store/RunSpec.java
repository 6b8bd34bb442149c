package dev.plumbline.server.store;

/**
 * What a run does, checked, with defaults filled in.
 *
 * @param model resource name
 * @param data a data set, or rows in any known format on this machine
 * @param output folder for the adapter; empty stands for one in the run's own folder
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
        long seed) {
    public RunSpec {
        SpecChecks.present("spec.model", model);
        SpecChecks.present("spec.data", data);
        rows = RowsChoice.orDefault(rows);
        SpecChecks.oneOf("spec.on_bad_row", rows.onBadRow(), RowsChoice.ON_BAD_ROW);
    }
}
