package dev.plumbline.server.store;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What few adapters need, in peft's terms.
 *
 * @param targetPattern expression for whole names of layers, or empty
 * @param excludeModules ends of names of layers to leave out
 * @param excludePattern expression for whole names of layers to leave out, or empty
 * @param rankStabilized null for the default
 * @param dropout null for the default
 * @param rankPattern ranks of layers that differ, the first expression that matches holds
 */
public record LoraVariant(
        String targetPattern,
        List<String> excludeModules,
        String excludePattern,
        @Nullable Boolean rankStabilized,
        @Nullable Double dropout,
        Map<String, Integer> rankPattern,
        Map<String, Double> alphaPattern) {
    public static final LoraVariant NONE =
            new LoraVariant("", List.of(), "", null, null, Map.of(), Map.of());

    public LoraVariant {
        excludeModules = List.copyOf(excludeModules);
        rankPattern = Collections.unmodifiableMap(new LinkedHashMap<>(rankPattern));
        alphaPattern = Collections.unmodifiableMap(new LinkedHashMap<>(alphaPattern));
        if (dropout != null) {
            SpecChecks.between("spec.lora_dropout", dropout, 0, Math.nextDown(1.0));
        }
        rankPattern.values().forEach(rank -> SpecChecks.atLeast("spec.rank_pattern", rank, 1));
        alphaPattern.values().forEach(alpha -> SpecChecks.positive("spec.alpha_pattern", alpha));
        for (String module : excludeModules) {
            SpecChecks.present("spec.exclude_modules", module);
        }
        if (!excludePattern.isEmpty()) {
            SpecChecks.absent("spec.exclude_modules", excludeModules, "spec.exclude_pattern");
        }
    }
}
