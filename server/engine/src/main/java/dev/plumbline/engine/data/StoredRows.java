package dev.plumbline.engine.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.data.PreferenceExample.Place;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Rows of our layout with the places that they come from, a line each. */
final class StoredRows {
    private static final ObjectMapper JSON = new ObjectMapper();

    private StoredRows() {}

    static byte[] line(Place place, ObjectNode row) throws IOException {
        ObjectNode stored =
                JSON.createObjectNode()
                        .put("file", place.file().toString())
                        .put("unit", place.unit())
                        .put("line", place.line());
        stored.set("row", row);
        return (JSON.writeValueAsString(stored) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    static PreferenceExample read(byte[] line) throws IOException {
        JsonNode stored = JSON.readTree(line);
        var place =
                new Place(
                        Path.of(stored.path("file").asText()),
                        stored.path("line").asInt(),
                        stored.path("unit").asText());
        return PreferenceRows.row(place, (ObjectNode) stored.path("row"));
    }
}
