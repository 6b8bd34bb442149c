package dev.plumbline.engine.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code tokenizer.json} with the tokens that {@code tokenizer_config.json} and {@code
 * special_tokens_map.json} add to it, in transformers' order.
 *
 * @param json the merged file
 * @param ids every token, added ones included
 * @param special contents of the named special tokens, by name ({@code eos_token}, …)
 * @param byteTokens ids that the decoder takes for single bytes
 * @param textual ids that have text of their own: neither special nor unknown
 */
record TokenizerFiles(
        String json,
        Map<String, Integer> ids,
        Map<String, String> special,
        BitSet byteTokens,
        BitSet textual) {
    static final String TOKENIZER = "tokenizer.json";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> STANDARD_NAMES =
            List.of(
                    "bos_token",
                    "eos_token",
                    "unk_token",
                    "sep_token",
                    "pad_token",
                    "cls_token",
                    "mask_token");

    static TokenizerFiles read(Path folder) {
        Path file = folder.resolve(TOKENIZER);
        if (!Files.isRegularFile(file)) {
            throw new PlumblineException(
                    ErrorCode.NOT_FOUND,
                    "TOKENIZER_MISSING",
                    folder
                            + " has no tokenizer.json; save the tokenizer with transformers once"
                            + " (AutoTokenizer.from_pretrained(...).save_pretrained(...))",
                    Map.of("folder", folder.toString()));
        }
        if (!(parse(file) instanceof ObjectNode tokenizer)) {
            throw invalid(file, "it is no JSON object");
        }
        Map<String, Integer> ids = vocabulary(file, tokenizer);
        JsonNode config = parse(folder.resolve("tokenizer_config.json"));
        JsonNode map = parse(folder.resolve("special_tokens_map.json"));
        Map<String, String> special = special(config, map);
        addTokens(tokenizer.withArray("added_tokens"), config, special, extra(config), ids);
        return new TokenizerFiles(
                write(tokenizer),
                Map.copyOf(ids),
                Map.copyOf(special),
                bytes(tokenizer, ids),
                textual(tokenizer, ids));
    }

    /** Contents of the named special tokens, by name. */
    static Map<String, String> special(Path folder) {
        return special(
                parse(folder.resolve("tokenizer_config.json")),
                parse(folder.resolve("special_tokens_map.json")));
    }

    /** A JSON file, or a missing node where there is none. */
    static JsonNode parse(Path file) {
        if (!Files.isRegularFile(file)) {
            return MissingNode.getInstance();
        }
        try {
            return JSON.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException failure) {
            throw invalid(file, failure.getOriginalMessage()).causedBy(failure);
        } catch (IOException failure) {
            throw invalid(file, String.valueOf(failure.getMessage())).causedBy(failure);
        }
    }

    private static Map<String, Integer> vocabulary(Path file, JsonNode tokenizer) {
        Map<String, Integer> ids = new HashMap<>();
        JsonNode vocabulary = tokenizer.path("model").path("vocab");
        if (vocabulary.isArray()) {
            // Unigram: pairs of token and score.
            vocabulary.forEach(pair -> ids.putIfAbsent(pair.path(0).asText(), ids.size()));
        } else {
            vocabulary.forEachEntry((token, id) -> ids.put(token, id.intValue()));
        }
        if (ids.isEmpty()) {
            throw invalid(file, "its model has no vocabulary");
        }
        for (JsonNode token : tokenizer.path("added_tokens")) {
            ids.put(token.path("content").asText(), token.path("id").intValue());
        }
        return ids;
    }

    /** Names and contents of special tokens, standard ones first, then the model's own. */
    private static Map<String, String> special(JsonNode config, JsonNode map) {
        Map<String, String> found = new LinkedHashMap<>();
        config.forEachEntry((name, value) -> addNamed(found, name, value));
        if (!config.has("added_tokens_decoder")) {
            map.forEachEntry((name, value) -> addNamed(found, name, value));
        }
        if (config.path("extra_special_tokens").isObject()) {
            config.path("extra_special_tokens").forEachEntry((n, v) -> found.put(n, content(v)));
        }
        Map<String, String> ordered = new LinkedHashMap<>();
        for (String name : STANDARD_NAMES) {
            if (found.containsKey(name)) {
                ordered.put(name, found.get(name));
            }
        }
        found.forEach(ordered::putIfAbsent);
        return ordered;
    }

    private static void addNamed(Map<String, String> found, String name, JsonNode value) {
        String content = content(value);
        if (name.endsWith("_token") && !content.isEmpty()) {
            found.put(name, content);
        }
    }

    private static List<String> extra(JsonNode config) {
        JsonNode extra = config.path("extra_special_tokens");
        if (extra.isEmpty()) {
            extra = config.path("additional_special_tokens");
        }
        List<String> contents = new ArrayList<>();
        if (extra.isArray()) {
            extra.forEach(token -> contents.add(content(token)));
        }
        return contents;
    }

    /** A token is written as its text or as an object; anything else, such as a flag, is none. */
    private static String content(JsonNode token) {
        return token.isTextual() ? token.textValue() : token.path("content").asText("");
    }

    private static void addTokens(
            ArrayNode added,
            JsonNode config,
            Map<String, String> special,
            List<String> extra,
            Map<String, Integer> ids) {
        TreeMap<Integer, JsonNode> decoder = new TreeMap<>();
        config.path("added_tokens_decoder")
                .forEachEntry((id, token) -> decoder.put(Integer.valueOf(id), token));
        List<String> known = new ArrayList<>();
        added.forEach(token -> known.add(token.path("content").asText()));
        decoder.values().forEach(token -> addToken(added, token, known, ids));
        List<String> contents = new ArrayList<>(special.values());
        contents.addAll(extra);
        for (String content : contents) {
            ObjectNode token = JSON.createObjectNode().put("content", content);
            addToken(added, token.put("special", true), known, ids);
        }
    }

    private static void addToken(
            ArrayNode added, JsonNode token, List<String> known, Map<String, Integer> ids) {
        String content = token.path("content").asText();
        if (content.isEmpty() || known.contains(content)) {
            return;
        }
        known.add(content);
        boolean special = token.path("special").asBoolean(false);
        Integer id = ids.get(content);
        if (id == null) {
            id = ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1;
            ids.put(content, id);
        }
        added.addObject()
                .put("id", id)
                .put("content", content)
                .put("single_word", token.path("single_word").asBoolean(false))
                .put("lstrip", token.path("lstrip").asBoolean(false))
                .put("rstrip", token.path("rstrip").asBoolean(false))
                .put("normalized", token.path("normalized").asBoolean(!special))
                .put("special", special);
    }

    private static BitSet bytes(JsonNode tokenizer, Map<String, Integer> ids) {
        BitSet bytes = new BitSet();
        boolean fallback =
                tokenizer.path("decoder").findValuesAsText("type").contains("ByteFallback");
        if (fallback) {
            ids.forEach((token, id) -> {
                if (token.matches("<0x[0-9A-Fa-f]{2}>")) {
                    bytes.set(id);
                }
            });
        }
        return bytes;
    }

    private static BitSet textual(JsonNode tokenizer, Map<String, Integer> ids) {
        BitSet textual = new BitSet();
        ids.values().forEach(textual::set);
        for (JsonNode token : tokenizer.path("added_tokens")) {
            if (token.path("special").asBoolean(false)) {
                textual.clear(token.path("id").intValue());
            }
        }
        return textual;
    }

    private static String write(JsonNode tokenizer) {
        try {
            return JSON.writeValueAsString(tokenizer);
        } catch (JsonProcessingException failure) {
            throw new IllegalStateException(failure);
        }
    }

    static PlumblineException invalid(Path file, String detail) {
        return new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "TOKENIZER_INVALID",
                file + " cannot be used: " + detail + "; fetch the file again",
                Map.of("file", file.toString(), "detail", detail));
    }
}
