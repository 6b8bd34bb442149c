package dev.plumbline.cli.demo;

import java.util.List;

/**
 * A way to cure: a loss, and where its negatives come from.
 *
 * @param selector empty for a loss that needs no negatives
 */
record Arm(String name, String loss, String selector, int k) {
    private static final String BOTH = "plackett-luce + 1.0 * dpo";

    /** What the demo does. */
    static final Arm CURE = new Arm("SAE, K=3", BOTH, "sae", 3);

    /** What {@code --arms} compares, at equal rows, steps and learning rate. */
    static final List<Arm> ALL =
            List.of(
                    new Arm("text-only DPO", "dpo", "", 0),
                    new Arm("SAE, K=1", BOTH, "sae", 1),
                    CURE,
                    new Arm("random, K=3", BOTH, "random", 3),
                    new Arm("similarity, K=3", BOTH, "similarity", 3),
                    new Arm("crop, K=3", BOTH, "crop", 3),
                    new Arm("noise, K=3", BOTH, "noise", 3));

    boolean needsNegatives() {
        return !selector.isEmpty();
    }

    String text() {
        return needsNegatives() ? "K=%d by the selector %s".formatted(k, selector) : "none";
    }

    /** For names of files. */
    String slug() {
        return name.toLowerCase(java.util.Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    }
}
