package dev.plumbline.engine.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.engine.checkpoint.ChatTemplate;
import dev.plumbline.engine.checkpoint.HuggingFaceFolder;
import dev.plumbline.engine.checkpoint.Tokenizer;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What a checkpoint says about text.
 *
 * @param endIds ids any of which ends a generated answer
 */
record TextSide(Tokenizer tokenizer, PromptEncoder prompts, Set<Integer> endIds) {
    static TextSide read(HuggingFaceFolder folder, ModelFamily family, PictureInputs pictures) {
        Tokenizer tokenizer = Tokenizer.read(folder.path());
        try {
            return read(folder, family, pictures, tokenizer);
        } catch (RuntimeException | Error e) {
            tokenizer.close();
            throw e;
        }
    }

    private static TextSide read(
            HuggingFaceFolder folder,
            ModelFamily family,
            PictureInputs pictures,
            Tokenizer tokenizer) {
        ChatTemplate template =
                ChatTemplate.read(folder.path())
                        .orElseGet(() -> ChatTemplate.parse(family.chatTemplate()));
        Set<Integer> ends = endIds(folder, tokenizer);
        int end = tokenizer.endId().orElseGet(() -> ends.iterator().next());
        Map<String, Object> special = new HashMap<>();
        put(special, "bos_token", tokenizer, tokenizer.beginId());
        put(special, "eos_token", tokenizer, OptionalInt.of(end));
        PromptEncoder prompts =
                new PromptEncoder(
                        template,
                        tokenizer,
                        family,
                        pictures,
                        new PromptEncoder.Specials(special, end));
        return new TextSide(tokenizer, prompts, ends);
    }

    /** The same with room for fewer tokens; 0 changes nothing. */
    TextSide limitedTo(int contextLength) {
        return new TextSide(tokenizer, prompts.limitedTo(contextLength), endIds);
    }

    private static void put(
            Map<String, Object> variables, String name, Tokenizer tokenizer, OptionalInt id) {
        if (id.isPresent()) {
            variables.put(name, tokenizer.decode(List.of(id.getAsInt()), false));
        }
    }

    /** From generation_config.json, else from the configuration, else the tokenizer's. */
    private static Set<Integer> endIds(HuggingFaceFolder folder, Tokenizer tokenizer) {
        Set<Integer> ids = new HashSet<>();
        folder.json("generation_config.json").ifPresent(json -> collect(json, ids));
        if (ids.isEmpty()) {
            collect(folder.config(), ids);
        }
        if (ids.isEmpty()) {
            collect(folder.config().path("text_config"), ids);
        }
        if (ids.isEmpty()) {
            tokenizer.endId().ifPresent(ids::add);
        }
        if (ids.isEmpty()) {
            throw new PlumblineException(
                    ErrorCode.FAILED_PRECONDITION,
                    "MODEL_UNSUPPORTED",
                    "neither generation_config.json, config.json nor the tokenizer names an end token",
                    Map.of("key", "eos_token_id"));
        }
        return Set.copyOf(ids);
    }

    private static void collect(JsonNode json, Set<Integer> ids) {
        JsonNode value = json.path("eos_token_id");
        if (value.isInt()) {
            ids.add(value.asInt());
        }
        value.forEach(id -> ids.add(id.asInt()));
    }
}
