package dev.plumbline.engine.data;

import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.util.HashMap;
import java.util.Map;

/**
 * A row that cannot be used.
 *
 * @param row where it stands in the file, for example {@code line 7}
 * @param field at fault, or {@code row}
 * @param reason upper snake case
 * @param message for people, with all of these
 */
public record UnusableRow(String file, String row, String field, String reason, String message) {
    /** What was said of a row, with {@code file} and {@code line} or {@code row}. */
    public static UnusableRow of(PlumblineException why) {
        Map<String, String> metadata = why.metadata();
        String unit = metadata.containsKey("line") ? "line" : "row";
        String message = why.getMessage();
        return new UnusableRow(
                metadata.getOrDefault("file", ""),
                unit + " " + metadata.getOrDefault(unit, "?"),
                metadata.getOrDefault("row_field", "row"),
                why.reason(),
                message == null ? why.reason() : message);
    }

    /** Whether the same file may be found in order another time, for a picture is at fault. */
    boolean mayChange() {
        return reason.startsWith("IMAGE");
    }

    /**
     * Refuses the row's data set.
     *
     * @param more what follows the message
     */
    PlumblineException refusal(String more) {
        Map<String, String> metadata = new HashMap<>();
        metadata.put("field", "data");
        metadata.put("file", file);
        metadata.put("row_field", field);
        int space = row.indexOf(' ');
        metadata.put(row.substring(0, space), row.substring(space + 1));
        return new PlumblineException(ErrorCode.INVALID_ARGUMENT, reason, message + more, metadata);
    }
}
