package dev.plumbline.server.store;

import dev.plumbline.engine.train.Alarm;
import dev.plumbline.engine.train.Plan;
import dev.plumbline.engine.train.StepMetrics;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run as it stands, and as it is written.
 *
 * @param id last part of the resource name; sorts by time of creation
 * @param requestId the client's, or empty
 * @param model with where a later process finds it
 * @param output folder of the adapter
 * @param endTime null until the run has ended
 * @param error why it failed, or empty
 * @param notes what people should know, such as which checkpoint is damaged
 * @param last null before the first step
 * @param alarms of all steps that count
 */
public record RunRecord(
        String id,
        String requestId,
        WorkState state,
        RunSpec spec,
        ModelChoice model,
        Path output,
        int stepsDone,
        Plan plan,
        Instant createTime,
        @Nullable Instant endTime,
        String error,
        List<String> notes,
        @Nullable StepMetrics last,
        List<Alarm> alarms) {
    public RunRecord {
        notes = List.copyOf(notes);
        alarms = List.copyOf(alarms);
    }

    public static RunRecord queued(
            String id, String requestId, RunSpec spec, ModelChoice model, Path output, Plan plan) {
        return new RunRecord(
                id,
                requestId,
                WorkState.QUEUED,
                spec,
                model,
                output,
                0,
                plan,
                Instant.now(),
                null,
                "",
                List.of(),
                null,
                List.of());
    }

    public String name() {
        return "runs/" + id;
    }

    public RunRecord started() {
        return with(WorkState.RUNNING, null, "");
    }

    public RunRecord stepped(StepMetrics step) {
        var rung = new ArrayList<>(alarms);
        rung.addAll(step.details().alarms());
        return new RunRecord(
                id,
                requestId,
                state,
                spec,
                model,
                output,
                step.step(),
                plan,
                createTime,
                endTime,
                error,
                notes,
                step,
                rung);
    }

    /** Waits again for its turn. */
    public RunRecord requeued() {
        return with(WorkState.QUEUED, null, "");
    }

    /**
     * Goes on from a checkpoint.
     *
     * @param steps that are behind it
     * @param more what people should know of it
     */
    public RunRecord resumed(int steps, List<String> more) {
        var all = new ArrayList<>(notes);
        all.addAll(more);
        return new RunRecord(
                id,
                requestId,
                state,
                spec,
                model,
                output,
                steps,
                plan,
                createTime,
                endTime,
                error,
                all,
                steps == 0 ? null : last,
                alarms.stream().filter(alarm -> alarm.step() <= steps).toList());
    }

    /**
     * @param why empty unless the run failed
     */
    public RunRecord ended(WorkState end, String why) {
        return with(end, Instant.now(), why);
    }

    private RunRecord with(WorkState newState, @Nullable Instant end, String why) {
        return new RunRecord(
                id,
                requestId,
                newState,
                spec,
                model,
                output,
                stepsDone,
                plan,
                createTime,
                end,
                why,
                notes,
                last,
                alarms);
    }
}
