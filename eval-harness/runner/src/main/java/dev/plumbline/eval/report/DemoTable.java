package dev.plumbline.eval.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.eval.benchmarks.Difference;
import dev.plumbline.eval.benchmarks.Figure;
import dev.plumbline.eval.benchmarks.Interval;
import dev.plumbline.eval.benchmarks.Metric;
import dev.plumbline.eval.benchmarks.Metric.Unit;
import dev.plumbline.eval.benchmarks.PairedBootstrap;
import dev.plumbline.eval.benchmarks.Scorecard;
import dev.plumbline.eval.runner.Evaluation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One table, before and after a cure, with the paired difference over pictures and its 95 %
 * interval.
 */
public record DemoTable(List<Row> rows, int pictures) {
    public DemoTable {
        rows = List.copyOf(rows);
    }

    /** POPE's settings and CHAIR, of one model. */
    public record Measurement(Evaluation pope, Evaluation chair) {}

    /**
     * One metric.
     *
     * @param name as in the result document: {@code pope_random_accuracy}, {@code chair_s}
     * @param group what the table puts above it: {@code POPE random}
     */
    public record Row(
            String name,
            String group,
            String label,
            Metric metric,
            Figure before,
            Figure after,
            Difference difference) {

        /**
         * Better, worse, or undecided where the interval holds 0 or no direction is the good one.
         */
        public Verdict verdict() {
            Interval interval = difference.interval();
            if (interval == null
                    || !interval.excludesZero()
                    || metric.better() == Metric.Better.NEITHER) {
                return Verdict.UNDECIDED;
            }
            return (interval.low() > 0) == (metric.better() == Metric.Better.HIGHER)
                    ? Verdict.BETTER
                    : Verdict.WORSE;
        }
    }

    /** What the interval of a difference says. */
    public enum Verdict {
        BETTER,
        WORSE,
        UNDECIDED
    }

    /** Compares two measurements on the same pictures and questions. */
    public static DemoTable compare(
            Measurement before, Measurement after, PairedBootstrap bootstrap) {
        List<Row> rows = new ArrayList<>();
        for (Row row : rows(before.pope().card(), after.pope().card(), bootstrap)) {
            String setting = Labels.setting(row.name());
            // The means over the settings have no prefix; the table shows the settings.
            if (!setting.isEmpty()) {
                String label = Labels.withoutSetting(row.name());
                rows.add(renamed(row, "pope_" + row.name(), "POPE " + setting, label));
            }
        }
        rows.addAll(rows(before.chair().card(), after.chair().card(), bootstrap));
        return new DemoTable(rows, after.chair().card().counts().pictures().size());
    }

    private static List<Row> rows(Scorecard before, Scorecard after, PairedBootstrap bootstrap) {
        Map<String, Difference> differences = bootstrap.differences(before, after);
        List<Row> rows = new ArrayList<>();
        for (Metric metric : after.metrics()) {
            String name = metric.name();
            Difference difference = Objects.requireNonNull(differences.get(name));
            rows.add(
                    new Row(
                            name,
                            "CHAIR",
                            name,
                            metric,
                            before.figure(name),
                            after.figure(name),
                            difference));
        }
        return rows;
    }

    private static Row renamed(Row row, String name, String group, String label) {
        return new Row(
                name, group, label, row.metric(), row.before(), row.after(), row.difference());
    }

    /** For the terminal. */
    public String text() {
        StringBuilder out = new StringBuilder();
        String format = "%-18s %8s %8s %11s  %-18s %s%n";
        out.append(
                        String.format(
                                        format,
                                        "",
                                        "before",
                                        "after",
                                        "difference",
                                        "95 % interval",
                                        "")
                                .stripTrailing())
                .append(System.lineSeparator());
        String group = "";
        for (Row row : rows) {
            if (!row.group().equals(group)) {
                group = row.group();
                out.append(group).append(System.lineSeparator());
            }
            Unit unit = row.metric().unit();
            out.append(
                            String.format(
                                            format,
                                            "  " + Labels.of(row.label()),
                                            Numbers.figure(row.before(), unit),
                                            Numbers.figure(row.after(), unit),
                                            Numbers.signed(row.difference().value(), unit),
                                            interval(row),
                                            Labels.of(row.verdict()))
                                    .stripTrailing())
                    .append(System.lineSeparator());
        }
        return out.append(footnote()).append(System.lineSeparator()).toString();
    }

    /** Padded, so that brackets stand below each other. */
    private static String interval(Row row) {
        Interval interval = row.difference().interval();
        Unit unit = row.metric().unit();
        return interval == null
                ? "–"
                : String.format(
                        "[%6s, %6s]",
                        Numbers.signed(interval.low(), unit),
                        Numbers.signed(interval.high(), unit));
    }

    String footnote() {
        return "In percent; words: a caption's mean length. Differences are paired over "
                + pictures
                + " pictures; the intervals are percentiles of a bootstrap.";
    }

    /**
     * {@code before}, {@code after} and {@code difference}, fractions; null where a figure is
     * undefined.
     */
    public ObjectNode json() {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        ObjectNode before = document.putObject("before");
        ObjectNode after = document.putObject("after");
        ObjectNode differences = document.putObject("difference");
        for (Row row : rows) {
            ResultDocument.put(before, row.name(), row.before());
            ResultDocument.put(after, row.name(), row.after());
            ObjectNode difference = differences.putObject(row.name());
            ResultDocument.put(difference, "value", row.difference().value());
            ResultDocument.putInterval(difference, row.difference().interval());
        }
        return document;
    }
}
