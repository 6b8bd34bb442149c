package dev.plumbline.eval.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Map;

/**
 * One object of a data file, and where it stands; its fields are read by name, and a bad one is
 * named.
 */
record JsonRecord(Path file, int line, ObjectNode node) {

    static JsonRecord of(Path file, int line, JsonNode node) {
        if (node instanceof ObjectNode object) {
            return new JsonRecord(file, line, object);
        }
        throw invalid(
                file,
                line,
                "",
                "must be a JSON object, for example {\"image\": \"1.jpg\", \"text\": \"…\"}");
    }

    /** A text that is not blank. */
    String text(String field) {
        JsonNode value = node.get(field);
        if (value == null || value.isNull()) {
            throw invalid(field, "is missing");
        }
        if (!value.isTextual() || value.textValue().isBlank()) {
            throw invalid(field, "must be a text that is not empty, not " + value);
        }
        return value.textValue();
    }

    /** A whole number, {@code fallback} where the field is absent. */
    long integer(String field, long fallback) {
        JsonNode value = node.get(field);
        if (value == null) {
            return fallback;
        }
        if (!value.canConvertToExactIntegral() || !value.canConvertToLong()) {
            throw invalid(field, "must be a whole number, not " + value);
        }
        return value.longValue();
    }

    EvaluationException invalid(String field, String problem) {
        return invalid(file, line, field, problem);
    }

    static EvaluationException invalid(Path file, int line, String field, String problem) {
        String where =
                file + " line " + line + (field.isEmpty() ? " " : ": field \"" + field + "\" ");
        return new EvaluationException(
                EvaluationException.Code.INVALID_ARGUMENT,
                "BENCHMARK_RECORD_INVALID",
                where + problem + ". Correct this record.",
                Map.of("file", file.toString(), "line", Integer.toString(line), "field", field));
    }
}
