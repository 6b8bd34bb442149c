package dev.plumbline.server.store;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Long work as it stands, and as it is written.
 *
 * @param id last part of the resource name; sorts by time of creation
 * @param requestId the client's, or empty
 * @param endTime null until it has ended
 * @param failure null unless it failed
 * @param outcome null unless it succeeded
 */
public record OperationRecord(
        String id,
        String requestId,
        WorkState state,
        OperationTask task,
        Progress progress,
        Instant createTime,
        @Nullable Instant endTime,
        @Nullable Failure failure,
        @Nullable OperationOutcome outcome) {
    /**
     * How far it is.
     *
     * @param phase such as {@code mining}, empty before the first
     * @param total 0 where it is not known
     * @param perSecond of this phase, 0 where it is not known yet
     */
    public record Progress(String phase, long done, long total, double perSecond, long skipped) {
        /** Nothing has been done yet. */
        public static final Progress NONE = new Progress("", 0, 0, 0, 0);

        /** 0 where it cannot be told. */
        public double remainingSeconds() {
            return perSecond > 0 && total > done ? (total - done) / perSecond : 0;
        }
    }

    /** Why it failed, as the client is told. */
    public record Failure(
            String code, String reason, String message, Map<String, String> metadata) {
        public Failure {
            metadata = new TreeMap<>(metadata);
        }
    }

    public static OperationRecord queued(String id, String requestId, OperationTask task) {
        return new OperationRecord(
                id,
                requestId,
                WorkState.QUEUED,
                task,
                Progress.NONE,
                Instant.now(),
                null,
                null,
                null);
    }

    public String name() {
        return "operations/" + id;
    }

    public OperationRecord started() {
        return with(WorkState.RUNNING, null, null, null);
    }

    public OperationRecord at(Progress now) {
        return new OperationRecord(
                id, requestId, state, task, now, createTime, endTime, failure, outcome);
    }

    public OperationRecord succeeded(OperationOutcome what) {
        return with(WorkState.SUCCEEDED, Instant.now(), null, what);
    }

    public OperationRecord cancelled() {
        return with(WorkState.CANCELLED, Instant.now(), null, null);
    }

    public OperationRecord failed(Failure why) {
        return with(WorkState.FAILED, Instant.now(), why, null);
    }

    private OperationRecord with(
            WorkState newState,
            @Nullable Instant end,
            @Nullable Failure why,
            @Nullable OperationOutcome what) {
        return new OperationRecord(
                id, requestId, newState, task, progress, createTime, end, why, what);
    }
}
