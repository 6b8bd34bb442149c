package dev.plumbline.engine.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.data.PreferenceExample.Place;
import java.util.List;
import java.util.Set;

/**
 * LLaMA-Factory's ranked ShareGPT rows: {@code conversations} [{from, value}], {@code chosen} and
 * {@code rejected} {from, value}, {@code images}.
 */
final class LlamaFactoryRows implements RowLayout {
    private static final Set<String> OWN =
            Set.of("image", "images", "conversations", "chosen", "rejected", "system");

    @Override
    public ObjectNode ours(Place place, ObjectNode row) {
        if (!row.path("system").asText("").isBlank()) {
            throw RowFaults.invalid(place, "system", "is given, and rows cannot hold one");
        }
        JsonNode list = row.path("conversations");
        if (!list.isArray()) {
            throw RowFaults.invalid(place, "conversations", "is not a list");
        }
        Messages asked = Messages.read(place, "conversations", list);
        if (asked.answers()) {
            throw RowFaults.invalid(
                    place, "conversations", "has answers; a row is one question and its answers");
        }
        ObjectNode ours = JsonNodeFactory.instance.objectNode();
        JsonNode image = RowLayout.image(row);
        if (!image.isMissingNode()) {
            ours.set("image", image);
        }
        ours.put("prompt", asked.question());
        for (String name : List.of("chosen", "rejected")) {
            JsonNode answer = row.path(name);
            JsonNode value = answer.isObject() ? answer.path("value") : answer;
            if (!value.isMissingNode()) {
                ours.set(name, value);
            }
        }
        RowLayout.keepRest(row, OWN, ours);
        return ours;
    }
}
