package dev.plumbline.eval.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a training run wrote about its steps. */
public record TrainingCurve(List<Step> steps) {
    public TrainingCurve {
        steps = List.copyOf(steps);
    }

    /**
     * One step.
     *
     * @param values by the names of {@code metrics.jsonl}: {@code loss, image_loss, grad_norm, …}
     */
    public record Step(int step, Map<String, Double> values) {
        public Step {
            values = Map.copyOf(values);
        }
    }

    /** A value at a step. */
    record Point(double x, double y) {}

    /** Reads {@code metrics.jsonl}; fields that are not finite numbers are gaps in the curve. */
    public static TrainingCurve read(Path file) throws IOException {
        List<Step> steps = new ArrayList<>();
        try (MappingIterator<JsonNode> lines =
                new ObjectMapper().readerFor(JsonNode.class).readValues(file.toFile())) {
            while (lines.hasNext()) {
                JsonNode line = lines.next();
                Map<String, Double> values = new LinkedHashMap<>();
                for (var field : line.properties()) {
                    if (field.getValue().isNumber()) {
                        values.put(field.getKey(), field.getValue().doubleValue());
                    }
                }
                steps.add(new Step(line.path("step").asInt(steps.size() + 1), values));
            }
        }
        return new TrainingCurve(steps);
    }

    /** The points of one value, where it is a finite number. */
    List<Point> of(String name) {
        List<Point> points = new ArrayList<>();
        for (Step step : steps) {
            Double value = step.values().get(name);
            if (value != null && Double.isFinite(value)) {
                points.add(new Point(step.step(), value));
            }
        }
        return points;
    }
}
