package dev.plumbline.eval.report;

import java.util.List;
import java.util.Map;

/** Names for people. */
final class Labels {
    private static final Map<String, String> METRICS =
            Map.of(
                    "f1", "F1",
                    "chair_s", "CHAIR_s",
                    "chair_i", "CHAIR_i",
                    "false_yes", "false yes",
                    "yes_ratio", "yes ratio");

    private static final List<String> SETTINGS = List.of("random", "popular", "adversarial");

    private Labels() {}

    /** {@code false_yes} is "false yes". */
    static String of(String metric) {
        return METRICS.getOrDefault(metric, metric);
    }

    /** The POPE setting that a metric's name begins with, or nothing. */
    static String setting(String metric) {
        return SETTINGS.stream()
                .filter(setting -> metric.startsWith(setting + "_"))
                .findFirst()
                .orElse("");
    }

    /** {@code accuracy} of {@code random_accuracy}. */
    static String withoutSetting(String metric) {
        String setting = setting(metric);
        return setting.isEmpty() ? metric : metric.substring(setting.length() + 1);
    }

    static String of(DemoTable.Verdict verdict) {
        return switch (verdict) {
            case BETTER -> "better";
            case WORSE -> "worse";
            case UNDECIDED -> "";
        };
    }
}
