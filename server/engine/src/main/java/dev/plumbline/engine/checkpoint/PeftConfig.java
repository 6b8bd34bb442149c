package dev.plumbline.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.engine.error.PlumblineException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
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
        Function<String, PlumblineException> fault = what -> PeftFaults.config(file, what);
        PeftFeatures.check(file, json);
        Map<ModulePattern, Integer> ranks = new LinkedHashMap<>();
        json.path("rank_pattern")
                .properties()
                .forEach(entry ->
                        ranks.put(
                                ModulePattern.suffix(entry.getKey(), fault),
                                rank(file, entry.getKey(), entry.getValue())));
        Map<ModulePattern, Double> alphas = new LinkedHashMap<>();
        json.path("alpha_pattern")
                .properties()
                .forEach(entry ->
                        alphas.put(
                                ModulePattern.suffix(entry.getKey(), fault),
                                number(file, entry.getKey(), entry.getValue())));
        return new PeftConfig(
                lora(file, json), ranks, alphas, targets(json.path("target_modules"), fault));
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

    private static Predicate<String> targets(
            JsonNode json, Function<String, PlumblineException> fault) {
        if (json.isTextual() && !json.textValue().equals(ModuleChoice.ALL_LINEAR)) {
            return ModuleChoice.of(json.textValue()).compiled(fault);
        }
        if (json.isArray()) {
            return ModuleChoice.of(
                            StreamSupport.stream(json.spliterator(), false)
                                    .map(JsonNode::asText)
                                    .toList())
                    .compiled(fault);
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
