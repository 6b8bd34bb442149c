package dev.plumbline.server.store;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a run minimises.
 *
 * @param expression weighted names, such as {@code plackett-luce + 1.0 * dpo}
 * @param options by {@code loss.option}, or by {@code option} for every loss that has it
 * @param beta for every loss that has a {@code beta}; null leaves each its own default
 */
public record LossSettings(String expression, Map<String, String> options, @Nullable Double beta) {
    /** The loss of MISP-DPO (arXiv 2509.25717) with lambda 1. */
    public static final String DEFAULT = "plackett-luce + 1.0 * dpo";

    public LossSettings {
        options = new TreeMap<>(options);
        SpecChecks.present("spec.loss", expression);
        if (beta != null) {
            SpecChecks.positive("spec.beta", beta);
        }
    }
}
