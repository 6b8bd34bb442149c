package dev.plumbline.eval.benchmarks;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a scorer says: counts for each picture, and the metrics that follow from them. */
public record Scorecard(PictureCounts counts, List<Metric> metrics) {
    public Scorecard {
        metrics = List.copyOf(metrics);
    }

    /** Every metric's figure, in the order of the metrics. */
    public Map<String, Figure> figures() {
        double[] sums = counts.sums();
        Map<String, Figure> figures = new LinkedHashMap<>();
        metrics.forEach(metric -> figures.put(metric.name(), metric.formula().of(sums)));
        return figures;
    }

    /** One metric's figure. */
    public Figure figure(String name) {
        return metrics.stream()
                .filter(metric -> metric.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no metric " + name))
                .formula()
                .of(counts.sums());
    }
}
