package dev.plumbline.eval.benchmarks;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads the objects of a file of JSON Lines or of one JSON array, each with the line it starts on.
 */
final class JsonRecords {
    private static final ObjectMapper JSON = new ObjectMapper();

    private JsonRecords() {}

    /** The objects of a file; blank lines are skipped. */
    static List<JsonRecord> read(Path file) {
        String text = text(file);
        List<JsonRecord> records =
                text.stripLeading().startsWith("[") ? array(file, text) : lines(file, text);
        if (records.isEmpty()) {
            throw invalid(
                    file,
                    "BENCHMARK_EMPTY",
                    file + " holds no records. Give a file of JSON Lines.");
        }
        return records;
    }

    /** The one JSON document in a file. */
    static JsonNode document(Path file) {
        try {
            return JSON.readTree(text(file));
        } catch (JsonProcessingException e) {
            throw notJson(file, Math.max(1, e.getLocation().getLineNr()), e);
        }
    }

    /** A text file in UTF-8, without its byte order mark. */
    static String text(Path file) {
        try {
            String text = Files.readString(file);
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (NoSuchFileException e) {
            throw new EvaluationException(
                    EvaluationException.Code.NOT_FOUND,
                    "BENCHMARK_FILE_NOT_FOUND",
                    file + " does not exist. Check the path.",
                    Map.of("file", file.toString()),
                    e);
        } catch (CharacterCodingException e) {
            throw invalid(
                    file,
                    "BENCHMARK_FILE_NOT_UTF8",
                    file + " is not UTF-8 text. Convert it to UTF-8.");
        } catch (IOException e) {
            throw invalid(
                    file, "BENCHMARK_FILE_UNREADABLE", file + " cannot be read: " + e.getMessage());
        }
    }

    static EvaluationException invalid(Path file, String reason, String message) {
        return new EvaluationException(
                EvaluationException.Code.INVALID_ARGUMENT,
                reason,
                message,
                Map.of("file", file.toString()));
    }

    private static List<JsonRecord> lines(Path file, String text) {
        List<JsonRecord> records = new ArrayList<>();
        int number = 0;
        for (String line : (Iterable<String>) text.lines()::iterator) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            try (JsonParser parser = JSON.createParser(line)) {
                JsonNode node = JSON.readTree(parser);
                if (parser.nextToken() != null) {
                    throw JsonRecord.invalid(
                            file, number, "", "holds more than one JSON value; write one a line");
                }
                records.add(JsonRecord.of(file, number, node));
            } catch (JsonProcessingException e) {
                throw notJson(file, number, e);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return records;
    }

    private static List<JsonRecord> array(Path file, String text) {
        List<JsonRecord> records = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(text)) {
            parser.nextToken();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                int line = parser.currentTokenLocation().getLineNr();
                records.add(JsonRecord.of(file, line, JSON.readTree(parser)));
            }
        } catch (JsonProcessingException e) {
            throw notJson(file, Math.max(1, e.getLocation().getLineNr()), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return records;
    }

    private static EvaluationException notJson(Path file, int line, JsonProcessingException cause) {
        return JsonRecord.invalid(file, line, "", "is not JSON: " + cause.getOriginalMessage());
    }
}
