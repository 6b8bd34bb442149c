package dev.plumbline.engine.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.data.PreferenceExample.Place;
import java.util.Set;

/**
 * ms-swift's rows: {@code messages} (or {@code query} and {@code response}) that end with the
 * chosen answer, {@code rejected_response} or {@code rejected_messages}, {@code images}. Pictures
 * in {@code rejected_images} that are not the row's own are its negatives.
 */
final class MsSwiftRows implements RowLayout {
    private static final Set<String> OWN =
            Set.of(
                    "image",
                    "images",
                    "messages",
                    "query",
                    "response",
                    "rejected_response",
                    "rejected_messages",
                    "rejected_images");

    @Override
    public ObjectNode ours(Place place, ObjectNode row) {
        ObjectNode ours = JsonNodeFactory.instance.objectNode();
        JsonNode image = RowLayout.image(row);
        if (row.path("messages").isArray()) {
            Messages messages = Messages.read(place, "messages", row.path("messages"));
            ours.put("prompt", messages.question());
            ours.put("chosen", messages.answer());
            image = image.isMissingNode() ? messages.picture() : image;
        } else {
            String query = row.path("query").asText("");
            ours.put("prompt", Messages.withoutImageToken(place, "query", query));
            ours.set("chosen", row.path("response"));
        }
        if (!image.isMissingNode()) {
            ours.set("image", image);
        }
        rejected(place, row, ours);
        negatives(row.path("rejected_images"), image, ours);
        RowLayout.keepRest(row, OWN, ours);
        return ours;
    }

    private static void rejected(Place place, ObjectNode row, ObjectNode ours) {
        String name = row.has("rejected_messages") ? "rejected_messages" : "rejected_response";
        JsonNode value = row.path(name);
        if (value.isArray()) {
            ours.put("rejected", Messages.read(place, name, value).answer());
        } else if (!value.isMissingNode()) {
            ours.set("rejected", value);
        }
    }

    private static void negatives(JsonNode rejected, JsonNode image, ObjectNode ours) {
        JsonNode own = image.isArray() && image.size() == 1 ? image.get(0) : image;
        ArrayNode negatives = JsonNodeFactory.instance.arrayNode();
        for (JsonNode picture : rejected) {
            if (!picture.equals(own)) {
                negatives.addObject().put("selector", "rejected_images").set("image", picture);
            }
        }
        if (!negatives.isEmpty()) {
            ours.set("negative_images", negatives);
        }
    }
}
