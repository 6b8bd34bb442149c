package dev.plumbline.engine.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.data.PreferenceExample.Place;
import java.util.List;
import java.util.Set;

/** RLHF-V: a picture, and {@code text} with question and answers as JSON. */
final class RlhfVRows implements RowLayout {
    private static final Set<String> OWN = Set.of("image", "text");

    @Override
    public ObjectNode ours(Place place, ObjectNode row) {
        JsonNode text = text(place, row.path("text"));
        ObjectNode ours = JsonNodeFactory.instance.objectNode();
        JsonNode image = RowLayout.image(row);
        if (!image.isMissingNode()) {
            ours.set("image", image);
        }
        for (String name : List.of("question", "chosen", "rejected")) {
            if (text.has(name)) {
                ours.set(name, text.path(name));
            }
        }
        RowLayout.keepRest(row, OWN, ours);
        return ours;
    }

    private static JsonNode text(Place place, JsonNode value) {
        JsonNode text = value;
        if (value.isTextual()) {
            try {
                text = StrictJson.parse(value.asText());
            } catch (JsonProcessingException e) {
                throw RowFaults.json(place, "text", e);
            }
        }
        if (!text.isObject()) {
            throw RowFaults.invalid(place, "text", "is not JSON with question, chosen, rejected");
        }
        return text;
    }
}
