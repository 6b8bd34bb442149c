package dev.plumbline.eval.benchmarks;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An evaluation that cannot go on: bad data, a missing picture, a failed answer. The message names
 * the file or the item and says what to do next; {@link #metadata()} holds every variable of the
 * message.
 */
public final class EvaluationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What went wrong, in gRPC's words. */
    public enum Code {
        INVALID_ARGUMENT,
        NOT_FOUND,
        CANCELLED,
        UNAVAILABLE,
        INTERNAL
    }

    private final Code code;
    private final String reason;
    private final transient Map<String, String> metadata;

    public EvaluationException(
            Code code, String reason, String message, Map<String, String> metadata) {
        this(code, reason, message, metadata, null);
    }

    public EvaluationException(
            Code code,
            String reason,
            String message,
            Map<String, String> metadata,
            @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.reason = reason;
        this.metadata = Map.copyOf(metadata);
    }

    public Code code() {
        return code;
    }

    /** In upper snake case, for programs. */
    public String reason() {
        return reason;
    }

    public Map<String, String> metadata() {
        return metadata;
    }
}
