package dev.plumbline.eval.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.eval.benchmarks.Figure;
import dev.plumbline.eval.benchmarks.Interval;
import dev.plumbline.eval.runner.Evaluation;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code results.json}: what {@code eval --json} prints. */
public final class ResultDocument {
    private ResultDocument() {}

    /**
     * The document.
     *
     * @param settings how it was asked (model, prompt, data, …), for the reader
     */
    public static ObjectNode of(
            Evaluation evaluation, Map<String, Interval> intervals, Map<String, String> settings) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("benchmark", evaluation.benchmark());
        document.put("n", evaluation.n());
        ObjectNode metrics = document.putObject("metrics");
        ObjectNode undefined = JsonNodeFactory.instance.objectNode();
        evaluation
                .card()
                .figures()
                .forEach((name, figure) -> {
                    put(metrics, name, figure);
                    if (figure instanceof Figure.Undefined(String reason)) {
                        undefined.put(name, reason);
                    }
                });
        ObjectNode all = document.putObject("intervals");
        intervals.forEach((name, interval) -> putInterval(all.putObject(name), interval));
        if (!undefined.isEmpty()) {
            document.set("undefined", undefined);
        }
        if (!evaluation.warnings().isEmpty()) {
            evaluation.warnings().forEach(document.putArray("warnings")::add);
        }
        ObjectNode asked = document.putObject("settings");
        settings.forEach(asked::put);
        return document;
    }

    static void put(ObjectNode object, String name, Figure figure) {
        switch (figure) {
            case Figure.Measured(double value) -> object.put(name, value);
            case Figure.Undefined ignored -> object.putNull(name);
        }
    }

    static void putInterval(ObjectNode object, @Nullable Interval interval) {
        if (interval == null) {
            object.putNull("low").putNull("high");
        } else {
            object.put("low", interval.low()).put("high", interval.high());
        }
    }
}
