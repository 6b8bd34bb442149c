package dev.plumbline.engine.error;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A failure with a code, a stable reason in upper snake case, a message for people that names the
 * field or the file, and the variables of that message for programs.
 */
public final class PlumblineException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final String reason;
    private final transient Map<String, String> metadata;

    /**
     * @param reason stable, upper snake case, such as {@code IMAGE_UNREADABLE}
     * @param metadata every variable that stands in the message; the key {@code field} names the
     *     request field at fault, where there is one
     */
    public PlumblineException(
            ErrorCode code, String reason, String message, Map<String, String> metadata) {
        super(message);
        this.code = code;
        this.reason = reason;
        this.metadata = Map.copyOf(metadata);
    }

    /**
     * A request field that cannot be used; the field's path is in the metadata as {@code field}.
     */
    public static PlumblineException invalid(String field, String reason, String message) {
        return new PlumblineException(
                ErrorCode.INVALID_ARGUMENT, reason, message, Map.of("field", field));
    }

    /**
     * A request field that cannot be used.
     *
     * @param variables what else stands in the message
     */
    public static PlumblineException invalid(
            String field, String reason, String message, Map<String, String> variables) {
        Map<String, String> metadata = new HashMap<>(variables);
        metadata.put("field", field);
        return new PlumblineException(ErrorCode.INVALID_ARGUMENT, reason, message, metadata);
    }

    /** The same failure with what caused it. */
    public PlumblineException causedBy(Throwable cause) {
        initCause(cause);
        return this;
    }

    public ErrorCode code() {
        return code;
    }

    public String reason() {
        return reason;
    }

    public Map<String, String> metadata() {
        return metadata == null ? Map.of() : metadata;
    }

    /** The request field at fault. */
    public Optional<String> field() {
        return Optional.ofNullable(metadata().get("field"));
    }
}
