package dev.plumbline.engine.train;

import dev.plumbline.engine.data.PreferenceExample;
import java.util.List;

/**
 * What alarms look at, of one step that was made.
 *
 * @param step from 1
 * @param chosenLogratio log p(chosen) of the policy less that of the reference, mean over rows: how
 *     much likelier the chosen answers have become, free of how likely they were
 * @param margin r(chosen) - r(rejected), mean over rows, without beta
 * @param rows whose negatives the losses read; empty where no loss reads any
 */
record StepSigns(int step, double chosenLogratio, double margin, List<PreferenceExample> rows) {
    StepSigns {
        rows = List.copyOf(rows);
    }
}
