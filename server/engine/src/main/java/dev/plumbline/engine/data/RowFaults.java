package dev.plumbline.engine.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.plumbline.engine.data.PreferenceExample.Place;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is wrong with rows and their files, with where it stands. */
final class RowFaults {
    /** How the JSON parser tells of a key that comes twice. */
    private static final Pattern TWICE = Pattern.compile("^Duplicate .*[\"'](.+)[\"']$");

    private RowFaults() {}

    /** {@code ROW_INVALID}. */
    static PlumblineException invalid(Place place, String field, String what) {
        return at(place, field, "ROW_INVALID", field + " " + what, Map.of());
    }

    /**
     * {@code ROW_INVALID}: what a field, or the row itself, holds is no JSON.
     *
     * @param field where the JSON stands
     */
    static PlumblineException json(Place place, String field, JsonProcessingException e) {
        Matcher twice = TWICE.matcher(e.getOriginalMessage());
        PlumblineException fault =
                twice.find()
                        ? invalid(place, twice.group(1), "stands twice in the " + field)
                        : invalid(place, field, "is not JSON: " + e.getOriginalMessage());
        return fault.causedBy(e);
    }

    /** {@code IMAGE_NOT_FOUND}. */
    static PlumblineException noImage(Place place, String field, Path image) {
        return at(
                place,
                field,
                "IMAGE_NOT_FOUND",
                "the image " + image + " does not exist",
                Map.of("image", image.toString()));
    }

    /** What is wrong with a row's picture, told by who looked at it. */
    static PlumblineException image(Place place, String field, PlumblineException cause) {
        return at(place, field, cause.reason(), field + ": " + cause.getMessage(), cause.metadata())
                .causedBy(cause);
    }

    private static PlumblineException at(
            Place place, String field, String reason, String what, Map<String, String> more) {
        Map<String, String> metadata = new HashMap<>(more);
        metadata.put("field", "data");
        metadata.put("file", place.file().toString());
        metadata.put(place.unit(), Integer.toString(place.line()));
        metadata.put("row_field", field);
        return new PlumblineException(
                ErrorCode.INVALID_ARGUMENT, reason, place + ": " + what, metadata);
    }

    /** {@code DATA_NOT_FOUND}: the whole file. */
    static PlumblineException unreadable(Path file, String what) {
        return new PlumblineException(
                ErrorCode.INVALID_ARGUMENT,
                "DATA_NOT_FOUND",
                "the data file " + file + " " + what,
                Map.of("field", "data", "file", file.toString()));
    }
}
