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
    private final ModelFacts facts;
    private final String imageToken;
    private final Map<String, Object> specialTokens;
    private final int endId;

    PromptEncoder(
            ChatTemplate template,
            Tokenizer tokenizer,
            ModelFacts facts,
            Map<String, Object> specialTokens,
            int endId) {
        this.template = template;
        this.tokenizer = tokenizer;
        this.facts = facts;
        this.imageToken = tokenizer.decode(List.of(facts.pictures().imageTokenId()), false);
        this.specialTokens = specialTokens;
        this.endId = endId;
    }

    /** A conversation that asks for an answer. */
    public EncodedPrompt encode(List<ChatMessage> messages) {
        int pictures = messages.stream().mapToInt(message -> message.pictures().size()).sum();
        return encodeText(render(messages), pictures);
    }

    /**
     * A question, some pictures and an answer (misp-dpo §4): the ids of the prompt, one space
     * (unless the prompt ends in white space) and the answer, then the end token.
     */
    public EncodedAnswer encodeAnswer(String prompt, String answer, int pictures) {
        List<Object> parts = new ArrayList<>();
        for (int i = 0; i < pictures; i++) {
            parts.add(Map.of("type", "image"));
        }
        parts.add(text("prompt", prompt));
        String asked = render(List.of(Map.of("role", "user", "content", parts)));
        requireFree("answer", answer);
        boolean spaced =
                !asked.isEmpty() && Character.isWhitespace(asked.charAt(asked.length() - 1));
        EncodedPrompt before = encodeText(asked, pictures);
        EncodedPrompt joint = encodeText(asked + (spaced ? "" : " ") + answer, pictures);
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
        ids.add(endId);
        requireFits(ids.size());
        return new EncodedAnswer(new EncodedPrompt(asked, ids, joint.imagePositions()), start);
    }

    /** The id that ends an answer in training and scoring. */
    public int endId() {
        return endId;
    }

    private String render(List<?> messages) {
        List<Object> turns = new ArrayList<>();
        for (Object message : messages) {
            turns.add(message instanceof ChatMessage turn ? turn(turn) : message);
        }
        Map<String, Object> variables = new HashMap<>(specialTokens);
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
        if (text.contains(imageToken)) {
            throw PlumblineException.invalid(
                    field,
                    "IMAGE_TOKEN_IN_TEXT",
                    "%s contains the image token %s; give pictures as images and leave it out of the text"
                            .formatted(field, imageToken));
        }
    }

    private EncodedPrompt encodeText(String text, int pictures) {
        int perPicture = facts.pictures().imageTokens();
        int[] ids = tokenizer.encode(text.replace(imageToken, imageToken.repeat(perPicture)));
        List<Integer> all = new ArrayList<>(ids.length);
        List<Integer> positions = new ArrayList<>();
        for (int id : ids) {
            if (id == facts.pictures().imageTokenId()) {
                positions.add(all.size());
            }
            all.add(id);
        }
        if (positions.size() != pictures * perPicture) {
            throw new PlumblineException(
                    ErrorCode.FAILED_PRECONDITION,
                    "CHAT_TEMPLATE_UNSUITABLE",
                    "the chat template made %d image tokens of %d pictures, %d were expected"
                            .formatted(positions.size(), pictures, pictures * perPicture),
                    Map.of("found", "" + positions.size(), "pictures", "" + pictures));
        }
        requireFits(all.size());
        return new EncodedPrompt(text, all, positions);
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
}
