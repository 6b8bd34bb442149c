package dev.plumbline.server.store;

import dev.plumbline.engine.train.Plan;
import dev.plumbline.engine.train.StepMetrics;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A run as it stands, and as it is written.
 *
 * @param id last part of the resource name; sorts by time of creation
 * @param requestId the client's, or empty
 * @param output folder of the adapter
 * @param endTime null until the run has ended
 * @param error why it failed, or empty
 * @param last null before the first step
 */
public record RunRecord(
        String id,
        String requestId,
        WorkState state,
        RunSpec spec,
        Path output,
        int stepsDone,
        Plan plan,
        Instant createTime,
        @Nullable Instant endTime,
        String error,
        @Nullable StepMetrics last) {
    public static RunRecord queued(
            String id, String requestId, RunSpec spec, Path output, Plan plan) {
        return new RunRecord(
                id,
                requestId,
                WorkState.QUEUED,
                spec,
                output,
                0,
                plan,
                Instant.now(),
                null,
                "",
                null);
    }

    public String name() {
        return "runs/" + id;
    }

    public RunRecord started() {
        return with(WorkState.RUNNING, null, "");
    }

    public RunRecord stepped(StepMetrics step) {
        return new RunRecord(
                id,
                requestId,
                state,
                spec,
                output,
                step.step(),
                plan,
                createTime,
                endTime,
                error,
                step);
    }

    /**
     * @param why empty unless the run failed
     */
    public RunRecord ended(WorkState end, String why) {
        return with(end, Instant.now(), why);
    }

    private RunRecord with(WorkState newState, @Nullable Instant end, String why) {
        return new RunRecord(
                id, requestId, newState, spec, output, stepsDone, plan, createTime, end, why, last);
    }
}
