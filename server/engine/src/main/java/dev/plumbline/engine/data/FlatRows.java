package dev.plumbline.engine.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.data.PreferenceExample.Place;
import java.util.List;

/** One text a field: our own rows, RLAIF-V's and MMPR's. */
final class FlatRows implements RowLayout {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The column in which our Parquet keeps what it has no column for. */
    private static final String OTHER = "other";

    private final boolean imageTokens;

    /**
     * @param imageTokens whether {@code <image>} in a question stands for its picture
     */
    FlatRows(boolean imageTokens) {
        this.imageTokens = imageTokens;
    }

    @Override
    public ObjectNode ours(Place place, ObjectNode row) {
        ObjectNode ours = row.deepCopy();
        unfold(ours);
        JsonNode image = RowLayout.image(row);
        if (!image.isMissingNode()) {
            // In its place: a row that is written again keeps its order.
            ours.set("image", image);
        }
        ours.remove("images");
        for (String name : List.of("prompt", "question")) {
            if (imageTokens && ours.path(name).isTextual()) {
                ours.put(name, Messages.withoutImageToken(place, name, ours.path(name).asText()));
            }
        }
        return ours;
    }

    private static void unfold(ObjectNode row) {
        JsonNode other = row.path(OTHER);
        if (!other.isTextual() || !other.asText().startsWith("{")) {
            return;
        }
        try {
            if (JSON.readTree(other.asText()) instanceof ObjectNode fields) {
                row.remove(OTHER);
                fields.properties().stream()
                        .filter(field -> !row.has(field.getKey()))
                        .forEach(field -> row.set(field.getKey(), field.getValue()));
            }
        } catch (JsonProcessingException e) {
            // A field of somebody's that happens to be called so: kept as it is.
            return;
        }
    }
}
