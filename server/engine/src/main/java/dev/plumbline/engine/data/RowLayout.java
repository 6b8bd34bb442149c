package dev.plumbline.engine.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.data.PreferenceExample.Place;
import java.util.Map;
import java.util.Set;

/** Turns a row of somebody's layout into the fields of ours. */
interface RowLayout {
    /**
     * The row as {@code image}, {@code prompt} (or {@code question}), {@code chosen}, {@code
     * rejected} and, where there are, {@code negative_images}. Pictures are as they came: a path,
     * bytes, or {bytes, path}. What is missing stays missing and is named later.
     *
     * @throws dev.plumbline.engine.error.PlumblineException {@code ROW_INVALID} with the field
     */
    ObjectNode ours(Place place, ObjectNode row);

    /** What a row has beside its layout's own fields: numbers and texts, to be kept. */
    static void keepRest(ObjectNode row, Set<String> own, ObjectNode ours) {
        for (Map.Entry<String, JsonNode> entry : row.properties()) {
            JsonNode value = entry.getValue();
            boolean keep = value.isValueNode() && !value.isBinary() && !value.isNull();
            if (keep && !own.contains(entry.getKey()) && !ours.has(entry.getKey())) {
                ours.set(entry.getKey(), value);
            }
        }
    }

    /** The row's picture: {@code image}, {@code images}, or the path beside them. */
    static JsonNode image(ObjectNode row) {
        for (String name : new String[] {"image", "images", "image_path"}) {
            JsonNode value = row.path(name);
            boolean empty = value.isMissingNode() || value.isNull();
            boolean hollow =
                    value.isObject()
                            && value.path("bytes").isMissingNode()
                            && value.path("path").isMissingNode();
            if (!empty && !hollow) {
                return value;
            }
        }
        return row.path("image");
    }
}
