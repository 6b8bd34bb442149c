package dev.plumbline.engine.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.data.PreferenceExample.Place;
import java.util.Set;

/**
 * TRL's preferences: {@code prompt}, {@code chosen}, {@code rejected} as texts or lists of
 * messages, {@code images} beside them. Where there is no prompt, both answers begin with it.
 */
final class TrlRows implements RowLayout {
    private static final Set<String> OWN =
            Set.of("image", "images", "prompt", "chosen", "rejected");

    @Override
    public ObjectNode ours(Place place, ObjectNode row) {
        ObjectNode ours = JsonNodeFactory.instance.objectNode();
        JsonNode image = RowLayout.image(row);
        if (row.path("prompt").isArray()) {
            Messages prompt = Messages.read(place, "prompt", row.path("prompt"));
            ours.put("prompt", prompt.question());
            image = image.isMissingNode() ? prompt.picture() : image;
        } else if (row.path("prompt").isTextual()) {
            String text = row.path("prompt").asText();
            ours.put("prompt", Messages.withoutImageToken(place, "prompt", text));
        } else if (row.has("prompt")) {
            ours.set("prompt", row.path("prompt"));
        }
        image = answer(place, row, "chosen", ours, image);
        image = answer(place, row, "rejected", ours, image);
        if (!image.isMissingNode()) {
            ours.set("image", image);
        }
        RowLayout.keepRest(row, OWN, ours);
        return ours;
    }

    private static JsonNode answer(
            Place place, ObjectNode row, String name, ObjectNode ours, JsonNode image) {
        JsonNode value = row.path(name);
        if (!value.isArray()) {
            if (!value.isMissingNode()) {
                ours.set(name, value);
            }
            return image;
        }
        Messages messages = Messages.read(place, name, value);
        if (messages.asks()) {
            ask(place, name, messages.question(), ours);
        }
        ours.put(name, messages.answer());
        return image.isMissingNode() ? messages.picture() : image;
    }

    private static void ask(Place place, String name, String question, ObjectNode ours) {
        String known = ours.path("prompt").asText(question);
        if (!known.equals(question)) {
            throw RowFaults.invalid(place, name, "asks another question than the row's prompt");
        }
        ours.put("prompt", question);
    }
}
