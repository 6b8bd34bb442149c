package dev.plumbline.server.service;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.train.Plan;
import dev.plumbline.server.store.ModelChoice;
import java.util.List;
import java.util.Map;

/**
 * What a run takes.
 *
 * @param model with where a later process finds it
 */
record PlannedRun(Plan plan, ModelChoice model) {
    private static final int TOLD = 3;

    /** Refuses a run whose plan says that it cannot be made. */
    void requirePossible() {
        List<String> problems = plan.problems();
        if (!problems.isEmpty()) {
            String told = String.join("; ", problems.subList(0, Math.min(TOLD, problems.size())));
            throw new PlumblineException(
                    ErrorCode.INVALID_ARGUMENT,
                    "ROWS_UNSUITABLE",
                    "this run cannot be made: %s (%d problems)".formatted(told, problems.size()),
                    Map.of("field", "spec.data", "problems", Integer.toString(problems.size())));
        }
    }
}
