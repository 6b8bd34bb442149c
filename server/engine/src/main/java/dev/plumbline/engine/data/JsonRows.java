package dev.plumbline.engine.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.data.PreferenceExample.Place;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Rows of a JSON Lines file, or of a JSON array. */
record JsonRows(Path file) implements RowSource {
    private static final char REPLACED = '\ufffd';

    @Override
    public List<Path> files() {
        return List.of(file);
    }

    @Override
    public void read(Taker taker) {
        try (JsonPieces pieces = JsonPieces.open(file)) {
            for (var piece = pieces.next(); piece.isPresent(); piece = pieces.next()) {
                if (!piece.get().isBlank()) {
                    int index = piece.get().index();
                    take(
                            pieces.isArray() ? Place.row(file, index) : new Place(file, index),
                            piece.get(),
                            taker);
                }
            }
        } catch (IOException e) {
            throw RowFaults.unreadable(file, "cannot be read: " + e.getMessage()).causedBy(e);
        }
    }

    private static void take(Place place, JsonPieces.Piece piece, Taker taker) {
        ObjectNode row;
        try {
            row = row(place, piece);
        } catch (PlumblineException e) {
            taker.fault(e);
            return;
        }
        taker.row(place, row);
    }

    private static ObjectNode row(Place place, JsonPieces.Piece piece) {
        if (!piece.fault().isEmpty()) {
            throw RowFaults.invalid(place, "row", piece.fault());
        }
        JsonNode json;
        try {
            json = StrictJson.parse(text(place, piece.bytes()));
        } catch (JsonProcessingException e) {
            throw RowFaults.json(place, "row", e);
        }
        if (json instanceof ObjectNode row) {
            return row;
        }
        throw RowFaults.invalid(place, "row", "is not a JSON object");
    }

    private static String text(Place place, byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(buffer).toString();
        } catch (CharacterCodingException e) {
            throw RowFaults.invalid(
                            place,
                            broken(bytes).orElse("row"),
                            "is not UTF-8 text: byte %d of the row".formatted(buffer.position()))
                    .causedBy(e);
        }
    }

    /** The field whose text is broken, where the rest can be read. */
    private static Optional<String> broken(byte[] bytes) {
        try {
            JsonNode row = StrictJson.parse(new String(bytes, StandardCharsets.UTF_8));
            return row.properties().stream()
                    .filter(field -> field.getValue().toString().indexOf(REPLACED) >= 0)
                    .map(Map.Entry::getKey)
                    .findFirst();
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
