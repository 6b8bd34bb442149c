package dev.plumbline.eval.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.eval.benchmarks.Figure;
import dev.plumbline.eval.benchmarks.Interval;
import dev.plumbline.eval.benchmarks.Metric.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * Several ways to cure one model, each with several seeds, beside each other. A figure is the mean
 * over seeds; its interval is the widest that holds all seeds' 95 % intervals of the paired
 * difference.
 */
public record ArmsTable(List<Arm> arms) {
    static final List<String> METRICS =
            List.of("pope_adversarial_false_yes", "chair_s", "pope_random_accuracy", "recall");

    public ArmsTable {
        arms = List.copyOf(arms);
    }

    /**
     * One way.
     *
     * @param seeds a comparison with the base model for each seed
     */
    public record Arm(String name, List<DemoTable> seeds) {
        public Arm {
            seeds = List.copyOf(seeds);
        }

        Optional<Cell> cell(String metric) {
            List<DemoTable.Row> rows =
                    seeds.stream()
                            .flatMap(seed -> seed.rows().stream())
                            .filter(row -> row.name().equals(metric))
                            .toList();
            return rows.isEmpty() ? Optional.empty() : Optional.of(Cell.of(rows));
        }
    }

    /** One figure of an arm; the interval's ends are NaN where a seed has none. */
    record Cell(Unit unit, double after, double difference, double low, double high) {
        static Cell of(List<DemoTable.Row> seeds) {
            List<Interval> intervals =
                    seeds.stream().map(row -> row.difference().interval()).toList();
            boolean known = intervals.stream().allMatch(Objects::nonNull);
            return new Cell(
                    seeds.getFirst().metric().unit(),
                    mean(seeds.stream().map(DemoTable.Row::after).toList()),
                    mean(seeds.stream().map(row -> row.difference().value()).toList()),
                    known
                            ? intervals.stream().mapToDouble(Interval::low).min().orElse(Double.NaN)
                            : Double.NaN,
                    known
                            ? intervals.stream()
                                    .mapToDouble(Interval::high)
                                    .max()
                                    .orElse(Double.NaN)
                            : Double.NaN);
        }

        private static double mean(List<Figure> figures) {
            return figures.stream().mapToDouble(Figure::orNaN).average().orElse(Double.NaN);
        }

        String text() {
            if (!Double.isFinite(after)) {
                return "–";
            }
            String interval =
                    Double.isFinite(low)
                            ? " [%s, %s]"
                                    .formatted(
                                            Numbers.signed(low, unit), Numbers.signed(high, unit))
                            : "";
            return "%s (%s%s)"
                    .formatted(
                            Numbers.plain(after, unit), Numbers.signed(difference, unit), interval);
        }
    }

    /** For the terminal. */
    public String text() {
        StringBuilder out = new StringBuilder(line(heading()));
        for (Arm arm : arms) {
            out.append(line(cells(arm)));
        }
        return out.append(footnote()).append(System.lineSeparator()).toString();
    }

    private static String line(List<String> cells) {
        StringBuilder line = new StringBuilder();
        line.append(String.format(Locale.ROOT, "%-22s %5s", cells.get(0), cells.get(1)));
        cells.subList(2, cells.size())
                .forEach(cell -> line.append(String.format(Locale.ROOT, "  %-26s", cell)));
        return line.toString().stripTrailing() + System.lineSeparator();
    }

    private static List<String> heading() {
        List<String> heading = new ArrayList<>(List.of("arm", "seeds"));
        METRICS.stream().map(ArmsTable::label).forEach(heading::add);
        return heading;
    }

    private static String label(String metric) {
        String plain = metric.startsWith("pope_") ? metric.substring("pope_".length()) : metric;
        String setting = Labels.setting(plain);
        String name = Labels.of(Labels.withoutSetting(plain));
        return setting.isEmpty() ? name : setting + " " + name;
    }

    private static List<String> cells(Arm arm) {
        List<String> cells =
                new ArrayList<>(List.of(arm.name(), Integer.toString(arm.seeds().size())));
        METRICS.forEach(metric -> cells.add(arm.cell(metric).map(Cell::text).orElse("–")));
        return cells;
    }

    private static String footnote() {
        return "In percent, mean over seeds; in parentheses the paired difference to the base model"
                + " with the widest of the seeds' 95 % intervals.";
    }

    /** A page with the table. */
    public String html() {
        List<Markup> lines = new ArrayList<>();
        for (Arm arm : arms) {
            List<String> cells = cells(arm);
            Tag row = Tag.of("tr").with(Tag.of("th", "", cells.getFirst()));
            lines.add(
                    row.with(
                            cells.stream()
                                    .skip(1)
                                    .map(cell -> Tag.of("td", "num", cell))
                                    .toList()));
        }
        Tag head =
                Tag.of("tr")
                        .with(heading().stream().map(name -> Tag.of("th", "num", name)).toList());
        Tag table = Tag.of("table").with(Tag.of("thead").with(head), Tag.of("tbody").with(lines));
        return new Page(
                        "demo",
                        "Ways to cure",
                        "The same model, rows, steps and learning rate; other losses and negatives.")
                .section("The table", footnote(), Tag.of("div", "card scroll").with(table))
                .html();
    }

    /**
     * {@code {"arms": [{"arm", "seeds", "metrics": {name: {"after", "difference", "low",
     * "high"}}}]}}.
     */
    public ObjectNode json() {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        ArrayNode all = document.putArray("arms");
        for (Arm arm : arms) {
            ObjectNode entry = all.addObject();
            entry.put("arm", arm.name()).put("seeds", arm.seeds().size());
            ObjectNode metrics = entry.putObject("metrics");
            for (String metric : METRICS) {
                arm.cell(metric).ifPresent(cell -> put(metrics.putObject(metric), cell));
            }
        }
        return document;
    }

    private static void put(ObjectNode object, Cell cell) {
        put(object, "after", cell.after());
        put(object, "difference", cell.difference());
        put(object, "low", cell.low());
        put(object, "high", cell.high());
    }

    private static void put(ObjectNode object, String name, double value) {
        if (Double.isFinite(value)) {
            object.put(name, value);
        } else {
            object.putNull(name);
        }
    }
}
