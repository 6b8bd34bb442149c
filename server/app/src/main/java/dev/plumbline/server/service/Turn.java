package dev.plumbline.server.service;

import java.util.List;

/**
 * One message of a conversation.
 *
 * @param field of the request, for refusals
 * @param role {@code system}, {@code user} or {@code assistant}
 */
public record Turn(String field, String role, List<Content> contents) {
    public Turn {
        contents = List.copyOf(contents);
    }

    /** Text or a picture, in the order in which they stand. */
    public sealed interface Content {
        record Words(String text) implements Content {}

        record Image(EncodedImage image) implements Content {}
    }
}
