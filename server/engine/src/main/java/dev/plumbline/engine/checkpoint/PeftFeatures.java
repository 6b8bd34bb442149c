package dev.plumbline.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/**
 * Which settings of peft's {@code LoraConfig} (0.21) we can do without. A setting that changes the
 * numbers, or one that is unknown and switched on, is refused by its name.
 */
final class PeftFeatures {
    /** Read by {@link PeftConfig}. */
    private static final Set<String> READ =
            Set.of(
                    "peft_type",
                    "base_model_name_or_path",
                    "r",
                    "lora_alpha",
                    "lora_dropout",
                    "use_rslora",
                    "rank_pattern",
                    "alpha_pattern",
                    "target_modules",
                    "bias",
                    "init_lora_weights");

    /**
     * About bookkeeping, training or the choice of modules (which the tensors show), or without
     * effect on a linear layer of torch ({@code fan_in_fan_out}, Megatron's).
     */
    private static final Set<String> HARMLESS =
            Set.of(
                    "auto_mapping",
                    "corda_config",
                    "ensure_weight_tying",
                    "eva_config",
                    "exclude_modules",
                    "fan_in_fan_out",
                    "inference_mode",
                    "layers_pattern",
                    "layers_to_transform",
                    "loftq_config",
                    "lora_ga_config",
                    "megatron_config",
                    "megatron_core",
                    "peft_version",
                    "qalora_group_size",
                    "revision",
                    "task_type",
                    "velora_config");

    /** Ways to begin training that also change the base model's weights. */
    private static final Set<String> CHANGING_INITIALIZATIONS = Set.of("olora", "loftq", "lora_ga");

    private PeftFeatures() {}

    static void check(Path file, JsonNode config) {
        JsonNode type = config.path("peft_type");
        if (!type.asText("").equals("LORA")) {
            throw PeftFaults.unsupported(file, "peft_type", type.toString());
        }
        JsonNode bias = config.path("bias");
        if (!bias.asText("none").equals("none")) {
            throw PeftFaults.unsupported(file, "bias", bias.toString());
        }
        JsonNode initialization = config.path("init_lora_weights");
        if (changesBase(initialization.asText("").toLowerCase(Locale.ROOT))) {
            throw PeftFaults.unsupported(file, "init_lora_weights", initialization.toString());
        }
        config.properties()
                .forEach(entry -> {
                    boolean known =
                            READ.contains(entry.getKey()) || HARMLESS.contains(entry.getKey());
                    if (!known && isOn(entry.getValue())) {
                        throw PeftFaults.unsupported(
                                file, entry.getKey(), entry.getValue().toString());
                    }
                });
    }

    private static boolean changesBase(String initialization) {
        return initialization.startsWith("pissa")
                || initialization.startsWith("corda")
                || CHANGING_INITIALIZATIONS.contains(initialization);
    }

    /**
     * A number or a word alone switches nothing on in peft: it only tunes what something else does.
     */
    private static boolean isOn(JsonNode value) {
        return value.isBoolean()
                ? value.booleanValue()
                : value.isContainerNode() && !value.isEmpty();
    }
}
