package dev.plumbline.eval.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.eval.report.LineChart.Series;
import dev.plumbline.eval.report.TrainingCurve.Point;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a sampling analysis found, as curves over K and as a table. */
final class SamplingPage {
    private static final List<String> CURVES =
            List.of("none", "self_normalized", "clipped", "pool", "raw");

    private static final Map<String, String> FIGURES = new LinkedHashMap<>();

    static {
        FIGURES.put("cosine", "Cosine of one draw's gradient with its target's");
        FIGURES.put("gradient_deviation", "Deviation of the gradient, by the target's length");
        FIGURES.put("gradient_bias", "Bias of the gradient, by the target's length");
        FIGURES.put("sum_deviation", "Deviation of the sum, by the target's");
        FIGURES.put("sigmoid_bias", "Bias of the sigmoid, by the target's");
        FIGURES.put("ess", "Effective sample size of the proposal's weights");
    }

    private final JsonNode document;

    SamplingPage(JsonNode document) {
        this.document = document;
    }

    String html() {
        JsonNode timing = document.path("timing");
        String lead =
                "%d rows of %s candidates each: every way to sample and to weigh negatives, held against full enumeration."
                        .formatted(
                                document.path("rows").size(),
                                Numbers.significant(timing.path("candidates").asDouble()));
        Page page = new Page("analysis", "Is the sampling worth it?", lead);
        for (String[] pair : pairs()) {
            List<Markup> charts = new ArrayList<>();
            FIGURES.forEach((figure, title) -> charts.add(chart(pair, figure, title)));
            page.section(
                    pair[0] + ", " + pair[1].replace('_', ' '),
                    "Each weighting against the objective that it targets; means over rows. Equation 8 as printed is in the table alone.",
                    Tag.of("div", "two").with(charts));
        }
        return page.section(
                        "Does the score tell what a candidate does?",
                        "Spearman's correlation over a row's candidates, mean over rows and standard error.",
                        Page.facts(correlations()))
                .section("Seconds", "", Page.facts(seconds(timing)))
                .section("All figures", "", Tag.of("div", "card scroll").with(table()))
                .html();
    }

    /** Selectors with the sampled modes that they have. */
    private List<String[]> pairs() {
        Set<String> seen = new LinkedHashSet<>();
        List<String[]> pairs = new ArrayList<>();
        for (JsonNode it : document.path("estimators")) {
            String selector = it.path("selector").asText();
            String sampling = it.path("sampling").asText();
            if (!sampling.equals("greedy") && seen.add(selector + " " + sampling)) {
                pairs.add(new String[] {selector, sampling});
            }
        }
        return pairs;
    }

    private Markup chart(String[] pair, String figure, String title) {
        List<Series> series = new ArrayList<>();
        for (String weighting : CURVES) {
            series.add(new Series(weighting, points(pair[0], pair[1], weighting, figure)));
        }
        List<Point> greedy = points(pair[0], "greedy", "none", figure);
        if (!greedy.isEmpty()) {
            series.add(new Series("greedy", greedy));
        }
        return new LineChart(title, "K", series).show();
    }

    private List<Point> points(String selector, String sampling, String weighting, String figure) {
        List<Point> points = new ArrayList<>();
        for (JsonNode it : document.path("estimators")) {
            if (it.path("selector").asText().equals(selector)
                    && it.path("sampling").asText().equals(sampling)
                    && it.path("weighting").asText().equals(weighting)
                    && it.path(figure).isNumber()) {
                points.add(new Point(it.path("k").asInt(), it.path(figure).asDouble()));
            }
        }
        return points;
    }

    private Map<String, String> correlations() {
        Map<String, String> facts = new LinkedHashMap<>();
        for (JsonNode it : document.path("correlations")) {
            String selector = it.path("selector").asText();
            facts.put(selector + ", with softmax(a)", pair(it, "policy_share"));
            facts.put(selector + ", with the gradient's length", pair(it, "gradient_norm"));
        }
        return facts;
    }

    private static String pair(JsonNode correlation, String name) {
        JsonNode error = correlation.path(name + "_error");
        return correlation.has(name)
                ? Numbers.significant(correlation.path(name).asDouble())
                        + (error.isNumber() ? " ± " + Numbers.significant(error.asDouble()) : "")
                : "undefined: one score for all";
    }

    private static Map<String, String> seconds(JsonNode timing) {
        Map<String, String> facts = new LinkedHashMap<>();
        for (String name :
                List.of("row_seconds", "sequence_seconds", "picture_seconds", "draw_seconds")) {
            facts.put(
                    name.replace("_seconds", ""),
                    Numbers.significant(timing.path(name).asDouble()));
        }
        for (JsonNode it : timing.path("selectors")) {
            facts.put(
                    it.path("selector").asText() + ", ready and a row",
                    Numbers.significant(it.path("ready_seconds").asDouble())
                            + ", "
                            + Numbers.significant(it.path("score_seconds").asDouble()));
        }
        return facts;
    }

    private Markup table() {
        String[] lines = SamplingFolder.csv(document).split("\n", -1);
        List<Markup> head = new ArrayList<>();
        for (String name : lines[0].split(",", -1)) {
            head.add(Tag.of("th").with(Markup.text(name.replace('_', ' '))));
        }
        List<Markup> rows = new ArrayList<>();
        for (JsonNode it : document.path("estimators")) {
            List<Markup> cells = new ArrayList<>();
            for (String name : lines[0].split(",", -1)) {
                JsonNode value = it.path(name);
                cells.add(
                        value.isDouble()
                                ? Tag.of("td", "num", Numbers.significant(value.asDouble()))
                                : Tag.of("td").with(Markup.text(value.asText())));
            }
            rows.add(Tag.of("tr").with(cells));
        }
        return Tag.of("table")
                .with(Tag.of("thead").with(Tag.of("tr").with(head)), Tag.of("tbody").with(rows));
    }
}
