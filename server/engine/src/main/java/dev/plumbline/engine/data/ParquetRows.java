package dev.plumbline.engine.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.data.PreferenceExample.Place;
import dev.plumbline.engine.error.PlumblineException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows of Parquet files, as if they were JSON in which bytes are bytes; what is null is left out.
 */
record ParquetRows(List<Path> files) implements RowSource {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final char REPLACED = '\ufffd';

    ParquetRows {
        files = List.copyOf(files);
    }

    @Override
    public void read(Taker taker) {
        for (Path file : files) {
            ParquetTable.open(file)
                    .read((row, values) -> take(Place.row(file, row), values, taker));
        }
    }

    private static void take(Place place, Map<String, @Nullable Object> values, Taker taker) {
        ObjectNode row;
        try {
            row = object(values);
            requireText(place, row);
        } catch (PlumblineException e) {
            taker.fault(e);
            return;
        }
        taker.row(place, row);
    }

    private static ObjectNode object(Map<?, ?> values) {
        ObjectNode object = JSON.objectNode();
        values.forEach((name, value) -> {
            if (value != null) {
                object.set(String.valueOf(name), node(value));
            }
        });
        return object;
    }

    private static JsonNode node(@Nullable Object value) {
        return switch (value) {
            case null -> JSON.nullNode();
            case Map<?, ?> group -> object(group);
            case Collection<?> list -> {
                ArrayNode array = JSON.arrayNode();
                list.forEach(element -> array.add(node(element)));
                yield array;
            }
            case Boolean flag -> JSON.booleanNode(flag);
            case Integer number -> JSON.numberNode(number);
            case Long number -> JSON.numberNode(number);
            case Float number -> JSON.numberNode(number);
            case Double number -> JSON.numberNode(number);
            case Object other ->
                    ParquetTable.bytes(other)
                            .<JsonNode>map(JSON::binaryNode)
                            .orElseGet(() -> JSON.textNode(other.toString()));
        };
    }

    /** Parquet's reader puts U+FFFD where bytes are no UTF-8. */
    private static void requireText(Place place, ObjectNode row) {
        for (Map.Entry<String, JsonNode> column : row.properties()) {
            if (column.getValue().isTextual()
                    && column.getValue().asText().indexOf(REPLACED) >= 0) {
                throw RowFaults.invalid(place, column.getKey(), "is not UTF-8 text");
            }
        }
    }
}
