package dev.plumbline.eval.report;

import java.util.Map;

/** Names for people. */
final class Labels {
    private static final Map<String, String> METRICS =
            Map.of(
                    "f1", "F1",
                    "chair_s", "CHAIR_s",
                    "chair_i", "CHAIR_i",
                    "recall", "recall",
                    "false_yes", "false yes",
                    "yes_ratio", "yes ratio");

    private Labels() {}

    /** {@code false_yes} is "false yes", {@code random_f1} is "random F1". */
    static String of(String metric) {
        for (String setting : new String[] {"random_", "popular_", "adversarial_"}) {
            if (metric.startsWith(setting)) {
                return setting.replace('_', ' ') + of(metric.substring(setting.length()));
            }
        }
        return METRICS.getOrDefault(metric, metric);
    }

    static String of(DemoTable.Verdict verdict) {
        return switch (verdict) {
            case BETTER -> "better";
            case WORSE -> "worse";
            case UNDECIDED -> "";
        };
    }
}
