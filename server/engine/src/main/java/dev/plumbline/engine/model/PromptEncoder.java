package dev.plumbline.engine.model;

import dev.plumbline.engine.checkpoint.ChatTemplate;
import dev.plumbline.engine.checkpoint.Tokenizer;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Conversations to token ids, by the checkpoint's own template and tokenizer. */
public final class PromptEncoder {
    private final ChatTemplate template;
    private final Tokenizer tokenizer;
    private final ModelFamily family;
    private final PictureInputs pictures;
    private final ModelFacts facts;
    private final String imageToken;
    private final List<String> reserved;
    private final Specials specials;

    /**
     * @param tokens that templates may name, by name
     * @param endId of the token that ends an answer in training and scoring
     */
    record Specials(Map<String, Object> tokens, int endId) {}

    PromptEncoder(
            ChatTemplate template,
            Tokenizer tokenizer,
            ModelFamily family,
            PictureInputs pictures,
            Specials specials) {
        this(template, tokenizer, family, pictures, specials, family.facts());
    }

    private PromptEncoder(
            ChatTemplate template,
            Tokenizer tokenizer,
            ModelFamily family,
            PictureInputs pictures,
            Specials specials,
            ModelFacts facts) {
        this.template = template;
        this.tokenizer = tokenizer;
        this.family = family;
        this.pictures = pictures;
        this.facts = facts;
        this.imageToken = tokenizer.decode(List.of(facts.pictures().imageTokenId()), false);
        if (imageToken.isEmpty()) {
            throw new PlumblineException(
                    ErrorCode.FAILED_PRECONDITION,
                    "MODEL_UNSUPPORTED",
                    "the tokenizer has no token %d, which config.json names as that of images; fetch both of one model"
                            .formatted(facts.pictures().imageTokenId()),
                    Map.of("key", "image_token_id"));
        }
        this.reserved =
                family.reservedIds().stream()
                        .map(id -> tokenizer.decode(List.of(id), false))
                        .filter(token -> !token.isEmpty())
                        .toList();
        this.specials = specials;
    }

    /** The same with room for fewer tokens; 0 changes nothing. */
    PromptEncoder limitedTo(int contextLength) {
        return new PromptEncoder(
                template, tokenizer, family, pictures, specials, facts.limitedTo(contextLength));
    }

    /** A conversation that asks for an answer. */
    public EncodedPrompt encode(List<ChatMessage> messages) {
        List<PictureGrid> grids =
                messages.stream()
                        .flatMap(message -> message.pictures().stream())
                        .map(picture -> pictures.grid(picture.width(), picture.height()))
                        .toList();
        return encodeText(render(messages), grids);
    }

    /**
     * A question, some pictures and an answer (misp-dpo §4): the ids of the prompt, one space
     * (unless the prompt ends in white space) and the answer, then the end token.
     *
     * @param grids one a picture
     */
    public EncodedAnswer encodeAnswer(String prompt, String answer, List<PictureGrid> grids) {
        List<Object> parts = new ArrayList<>();
        for (int i = 0; i < grids.size(); i++) {
            parts.add(Map.of("type", "image"));
        }
        parts.add(text("prompt", prompt));
        String asked = render(List.of(Map.of("role", "user", "content", parts)));
        requireFree("answer", answer);
        boolean spaced =
                !asked.isEmpty() && Character.isWhitespace(asked.charAt(asked.length() - 1));
        EncodedPrompt before = encodeText(asked, grids);
        EncodedPrompt joint = encodeAny(asked + (spaced ? "" : " ") + answer, grids);
        int start = 0;
        int shorter = Math.min(before.ids().size(), joint.ids().size());
        while (start < shorter && before.ids().get(start).equals(joint.ids().get(start))) {
            start++;
        }
        if (start == 0) {
            throw new PlumblineException(
                    ErrorCode.FAILED_PRECONDITION,
                    "CHAT_TEMPLATE_UNSUITABLE",
                    "the chat template leaves no token before the answer, which then nothing predicts",
                    Map.of("prompt", asked));
        }
        List<Integer> ids = new ArrayList<>(joint.ids());
        ids.add(specials.endId());
        requireFits(ids.size(), start, joint.imagePositions().size());
        TokenPositions positions = joint.positions().followedBy(1);
        return new EncodedAnswer(
                new EncodedPrompt(asked, ids, joint.imagePositions(), positions), start);
    }

    /** The id that ends an answer in training and scoring. */
    public int endId() {
        return specials.endId();
    }

    private String render(List<?> messages) {
        List<Object> turns = new ArrayList<>();
        for (Object message : messages) {
            turns.add(message instanceof ChatMessage turn ? turn(turn) : message);
        }
        Map<String, Object> variables = new HashMap<>(specials.tokens());
        variables.put("messages", turns);
        variables.put("add_generation_prompt", true);
        return template.render(variables);
    }

    private Map<String, Object> turn(ChatMessage message) {
        List<Object> parts = new ArrayList<>();
        for (ChatMessage.Part part : message.parts()) {
            parts.add(
                    switch (part) {
                        case ChatMessage.Part.Text(String text) -> text("prompt", text);
                        case ChatMessage.Part.Image image -> Map.of("type", "image");
                    });
        }
        return Map.of("role", message.role(), "content", parts);
    }

    private Map<String, Object> text(String field, String text) {
        requireFree(field, text);
        return Map.of("type", "text", "text", text);
    }

    /** Words that would be read as a picture are refused, not guessed at. */
    private void requireFree(String field, String text) {
        for (String token : reserved) {
            if (text.contains(token)) {
                throw PlumblineException.invalid(
                        field,
                        "IMAGE_TOKEN_IN_TEXT",
                        "%s contains the token %s, which stands for a picture or a video; give pictures as images and leave it out of the text"
                                .formatted(field, token));
            }
        }
    }

    private EncodedPrompt encodeText(String text, List<PictureGrid> grids) {
        EncodedPrompt encoded = encodeAny(text, grids);
        requireFits(encoded.ids().size());
        return encoded;
    }

    /** However long it is. */
    private EncodedPrompt encodeAny(String text, List<PictureGrid> grids) {
        int[] ids = tokenizer.encode(expanded(text, grids));
        List<Integer> all = new ArrayList<>(ids.length);
        List<Integer> places = new ArrayList<>();
        for (int id : ids) {
            if (id == facts.pictures().imageTokenId()) {
                places.add(all.size());
            }
            all.add(id);
        }
        int expected = grids.stream().mapToInt(PictureGrid::tokens).sum();
        if (places.size() != expected) {
            throw unsuitable(places.size(), expected, grids.size());
        }
        return new EncodedPrompt(text, all, places, family.positions(all, grids));
    }

    /** The text with as many image tokens in the place of each as its picture takes. */
    private String expanded(String text, List<PictureGrid> grids) {
        StringBuilder expanded = new StringBuilder();
        int from = 0;
        int count = 0;
        for (int at = text.indexOf(imageToken); at >= 0; at = text.indexOf(imageToken, from)) {
            int tokens = count < grids.size() ? grids.get(count).tokens() : 1;
            expanded.append(text, from, at).append(imageToken.repeat(tokens));
            from = at + imageToken.length();
            count++;
        }
        if (count != grids.size()) {
            throw unsuitable(count, grids.size(), grids.size());
        }
        return expanded.append(text, from, text.length()).toString();
    }

    private static PlumblineException unsuitable(int found, int expected, int pictures) {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "CHAT_TEMPLATE_UNSUITABLE",
                "the chat template made %d image tokens of %d pictures, %d were expected"
                        .formatted(found, pictures, expected),
                Map.of("found", "" + found, "pictures", "" + pictures));
    }

    private void requireFits(int length) {
        if (length > facts.contextLength()) {
            throw new PlumblineException(
                    ErrorCode.INVALID_ARGUMENT,
                    "PROMPT_TOO_LONG",
                    "prompt and pictures take %d tokens, the model's context has %d; shorten the prompt"
                            .formatted(length, facts.contextLength()),
                    Map.of(
                            "field", "prompt",
                            "tokens", Integer.toString(length),
                            "context_length", Integer.toString(facts.contextLength())));
        }
    }

    /** Nothing is cut off: an answer that is too long is told with what takes the room. */
    private void requireFits(int length, int asked, int images) {
        if (length > facts.contextLength()) {
            throw new PlumblineException(
                    ErrorCode.INVALID_ARGUMENT,
                    "PROMPT_TOO_LONG",
                    "prompt, pictures and answer take %d tokens (prompt %d, pictures %d, answer %d), the model's context has %d; shorten the answer"
                            .formatted(
                                    length,
                                    asked - images,
                                    images,
                                    length - asked,
                                    facts.contextLength()),
                    Map.of(
                            "field", "answer",
                            "tokens", Integer.toString(length),
                            "image_tokens", Integer.toString(images),
                            "answer_tokens", Integer.toString(length - asked),
                            "context_length", Integer.toString(facts.contextLength())));
        }
    }
}
