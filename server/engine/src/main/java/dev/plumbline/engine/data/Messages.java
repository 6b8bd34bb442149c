package dev.plumbline.engine.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.plumbline.engine.data.PreferenceExample.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A conversation as lists of messages have it: {role, content} or {from, value}; content is a text,
 * or parts {type, text}. One question and its answer are what a row can hold: what has more is
 * refused, for nothing may be left out unseen.
 */
final class Messages {
    private static final String IMAGE_TOKEN = "<image>";
    private static final Set<String> USERS = Set.of("user", "human");
    private static final Set<String> ASSISTANTS = Set.of("assistant", "gpt");

    private final Place place;
    private final String field;
    private final List<String> questions = new ArrayList<>();
    private final List<String> answers = new ArrayList<>();
    private JsonNode picture = MissingNode.getInstance();

    private Messages(Place place, String field) {
        this.place = place;
        this.field = field;
    }

    /**
     * Reads a list of messages.
     *
     * @param field its name, for messages of failures
     */
    static Messages read(Place place, String field, JsonNode list) {
        var messages = new Messages(place, field);
        for (int i = 0; i < list.size(); i++) {
            messages.add(field + "[" + i + "]", list.get(i));
        }
        return messages;
    }

    private void add(String at, JsonNode message) {
        JsonNode role = message.has("role") ? message.path("role") : message.path("from");
        String text =
                content(
                        at,
                        message.has("content") ? message.path("content") : message.path("value"));
        if (USERS.contains(role.asText())) {
            questions.add(text);
        } else if (ASSISTANTS.contains(role.asText())) {
            answers.add(text);
        } else if (role.asText().equals("system")) {
            if (!text.isBlank()) {
                throw RowFaults.invalid(place, at, "is a system message, which rows cannot hold");
            }
        } else {
            throw RowFaults.invalid(
                    place, at, "has the role '%s', not user or assistant".formatted(role.asText()));
        }
    }

    private String content(String at, JsonNode content) {
        if (content.isTextual()) {
            return content.asText();
        }
        if (!content.isArray()) {
            throw RowFaults.invalid(place, at, "has a content that is neither a text nor parts");
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode part : content) {
            String type = part.path("type").asText(part.has("text") ? "text" : "");
            if (type.equals("text") && part.path("text").isTextual()) {
                texts.add(part.path("text").asText());
            } else if (type.equals("image")) {
                picture = part.has("image") ? part.path("image") : picture;
            } else {
                throw RowFaults.invalid(
                        place, at, "has a part of type '%s', not text or image".formatted(type));
            }
        }
        return String.join("\n", texts);
    }

    /** The one question; empty where there is none. */
    String question() {
        return withoutImageToken(place, field, one(questions, "questions"));
    }

    boolean asks() {
        return !questions.isEmpty();
    }

    /** The one answer; empty where there is none. */
    String answer() {
        return one(answers, "answers");
    }

    boolean answers() {
        return !answers.isEmpty();
    }

    /** What stands among the parts instead of beside the messages. */
    JsonNode picture() {
        return picture;
    }

    private String one(List<String> texts, String what) {
        if (texts.size() > 1) {
            throw RowFaults.invalid(
                    place,
                    field,
                    "has %d %s; a row is one question and its answers"
                            .formatted(texts.size(), what));
        }
        return texts.isEmpty() ? "" : texts.getFirst();
    }

    /** A question without the token for its picture, which the model's own template puts there. */
    static String withoutImageToken(Place place, String field, String question) {
        int at = question.indexOf(IMAGE_TOKEN);
        if (at < 0) {
            return question;
        }
        if (question.indexOf(IMAGE_TOKEN, at + 1) >= 0) {
            throw RowFaults.invalid(
                    place, field, "has more than one <image>; a row has one picture");
        }
        return question.replace(IMAGE_TOKEN, "").strip();
    }
}
