package dev.plumbline.engine.model;

import dev.plumbline.engine.image.Picture;
import java.util.ArrayList;
import java.util.List;

/**
 * One turn of a conversation.
 *
 * @param role {@code system}, {@code user} or {@code assistant}
 * @param parts text and pictures in their order
 */
public record ChatMessage(String role, List<Part> parts) {
    public ChatMessage {
        parts = List.copyOf(parts);
    }

    /** A piece of a turn. */
    public sealed interface Part {
        /** Words. */
        record Text(String text) implements Part {}

        /** A picture. */
        record Image(Picture picture) implements Part {}
    }

    /** A user's turn: the pictures, then the words. */
    public static ChatMessage user(List<Picture> pictures, String text) {
        List<Part> parts = new ArrayList<>();
        pictures.forEach(picture -> parts.add(new Part.Image(picture)));
        parts.add(new Part.Text(text));
        return new ChatMessage("user", parts);
    }

    /** The pictures in their order. */
    public List<Picture> pictures() {
        return parts.stream()
                .filter(Part.Image.class::isInstance)
                .map(part -> ((Part.Image) part).picture())
                .toList();
    }
}
