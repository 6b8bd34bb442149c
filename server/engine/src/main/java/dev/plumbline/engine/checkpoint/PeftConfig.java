package dev.plumbline.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;

/**
 * An {@code adapter_config.json}.
 *
 * @param rankPattern ranks of modules that differ, in the order in which peft tries them
 * @param targets whether peft would put LoRA on the module of that name
 */
record PeftConfig(
        LoraConfig lora,
        Map<ModulePattern, Integer> rankPattern,
        Map<ModulePattern, Double> alphaPattern,
        Predicate<String> targets) {

    static PeftConfig read(Path file) {
        JsonNode json = Json.readObject(file);
        PeftFeatures.check(file, json);
        Map<ModulePattern, Integer> ranks = new LinkedHashMap<>();
        json.path("rank_pattern")
                .properties()
                .forEach(entry ->
                        ranks.put(
                                suffix(file, entry.getKey()),
                                rank(file, entry.getKey(), entry.getValue())));
        Map<ModulePattern, Double> alphas = new LinkedHashMap<>();
        json.path("alpha_pattern")
                .properties()
                .forEach(entry ->
                        alphas.put(
                                suffix(file, entry.getKey()),
                                number(file, entry.getKey(), entry.getValue())));
        return new PeftConfig(
                lora(file, json), ranks, alphas, targets(file, json.path("target_modules")));
    }

    /** What peft takes when a setting is absent is in its {@code LoraConfig}: 8, 8, 0, false. */
    private static LoraConfig lora(Path file, JsonNode json) {
        int rank = json.has("r") ? rank(file, "r", json.path("r")) : 8;
        double alpha =
                json.has("lora_alpha") ? number(file, "lora_alpha", json.path("lora_alpha")) : 8;
        double dropout =
                json.has("lora_dropout")
                        ? number(file, "lora_dropout", json.path("lora_dropout"))
                        : 0;
        if (dropout < 0 || dropout >= 1) {
            throw PeftFaults.config(file, "lora_dropout is " + dropout);
        }
        return new LoraConfig(
                json.path("base_model_name_or_path").asText(""),
                rank,
                alpha,
                dropout,
                json.path("use_rslora").asBoolean(false));
    }

    /** The pair of a module, by the name that it has in the adapter's keys. */
    int rank(String module) {
        return first(rankPattern, module, lora.rank());
    }

    double alpha(String module) {
        return first(alphaPattern, module, lora.alpha());
    }

    private static <T> T first(Map<ModulePattern, T> patterns, String module, T otherwise) {
        for (Map.Entry<ModulePattern, T> entry : patterns.entrySet()) {
            if (entry.getKey().matches(module)) {
                return entry.getValue();
            }
        }
        return otherwise;
    }

    /** As peft's {@code get_pattern_key} matches: the end of a name, from a dot on. */
    private static ModulePattern suffix(Path file, String expression) {
        return ModulePattern.compile(file, "(?:.*\\.)?(?:" + expression + ")");
    }

    /** As peft's {@code check_target_module_exists}: an expression, or ends of names. */
    private static Predicate<String> targets(Path file, JsonNode json) {
        if (json.isTextual() && !json.textValue().equals("all-linear")) {
            return ModulePattern.compile(file, json.textValue())::matches;
        }
        if (json.isArray()) {
            var names =
                    StreamSupport.stream(json.spliterator(), false).map(JsonNode::asText).toList();
            return module ->
                    names.stream()
                            .anyMatch(name -> module.equals(name) || module.endsWith("." + name));
        }
        return module -> true;
    }

    private static int rank(Path file, String name, JsonNode json) {
        if (!json.isInt() || json.intValue() < 1) {
            throw PeftFaults.config(file, "the rank of %s is %s".formatted(name, json));
        }
        return json.intValue();
    }

    private static double number(Path file, String name, JsonNode json) {
        if (!json.isNumber() || !Double.isFinite(json.doubleValue())) {
            throw PeftFaults.config(file, "%s is %s".formatted(name, json));
        }
        return json.doubleValue();
    }
}
