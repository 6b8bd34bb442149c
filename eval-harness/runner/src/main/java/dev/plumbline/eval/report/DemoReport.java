package dev.plumbline.eval.report;

import dev.plumbline.eval.benchmarks.Interval;
import dev.plumbline.eval.benchmarks.Metric.Unit;
import dev.plumbline.eval.report.DemoTable.Row;
import dev.plumbline.eval.report.DemoTable.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The demo's page: the table, the training, what the models say, and what they were trained on.
 *
 * @param settings name and value, for the last section
 */
public record DemoReport(
        DemoTable table,
        TrainingCurve curve,
        List<CaptionPair> captions,
        List<MinedRow> rows,
        Map<String, String> settings) {

    private static final List<String> HEADLINES =
            List.of("pope_adversarial_false_yes", "chair_s", "pope_random_accuracy", "recall");

    public DemoReport {
        captions = List.copyOf(captions);
        rows = List.copyOf(rows);
    }

    /** The whole document. */
    public String html() {
        return new Page(
                        "demo",
                        "Before and after",
                        "The same model, the same "
                                + table.pictures()
                                + " test pictures, without and with the adapter that was just trained.")
                .top(Tag.of("div", "tiles").with(HEADLINES.stream().flatMap(this::tile).toList()))
                .section("The table", table.footnote(), tableOf())
                .section(
                        "Training",
                        "Each value is of one step, before its update.",
                        Tag.of("div", "two").with(charts()))
                .section(
                        "What the models say",
                        "Half of these test pictures had a wrong object before or after, half had none; within each"
                                + " half they are evenly spaced over the test split.",
                        Tag.of("div", "two").with(captions.stream().map(DemoReport::pair).toList()))
                .section(
                        "What it was trained on",
                        "Rows of the mined data, evenly spaced, with the negatives that were chosen: the same answer"
                                + " must become less likely about these pictures.",
                        Tag.of("div", "two").with(rows.stream().map(DemoReport::row).toList()))
                .section("Settings", "", Page.facts(settings))
                .html();
    }

    private Stream<Markup> tile(String name) {
        return table.rows().stream().filter(row -> row.name().equals(name)).map(DemoReport::tile);
    }

    private static Markup tile(Row row) {
        Unit unit = row.metric().unit();
        String title =
                row.group().equals("CHAIR")
                        ? Labels.of(row.label())
                        : row.group() + ", " + Labels.of(row.label());
        return Tag.of("div", "card tile")
                .with(
                        Tag.of("p", "name", title),
                        Tag.of("p", "big")
                                .with(
                                        Tag.of("span", "old", Numbers.figure(row.before(), unit)),
                                        Tag.of("span", "arrow", "→"),
                                        Tag.of("span", "now", Numbers.figure(row.after(), unit)),
                                        Tag.of("span", "unit", unit == Unit.FRACTION ? "%" : "")),
                        Tag.of(
                                "p",
                                "faint",
                                Numbers.signed(row.difference().value(), unit)
                                        + "  "
                                        + DemoTable.interval(row)),
                        badge(row.verdict()));
    }

    private static Markup badge(Verdict verdict) {
        return switch (verdict) {
            case BETTER -> Tag.of("span", "badge good", "better");
            case WORSE -> Tag.of("span", "badge bad", "worse");
            case UNDECIDED -> Tag.of("span", "badge", "no clear change");
        };
    }

    private Markup tableOf() {
        double extent =
                table.rows().stream()
                        .filter(row -> row.metric().unit() == Unit.FRACTION)
                        .map(row -> row.difference().interval())
                        .flatMap(Stream::ofNullable)
                        .mapToDouble(DemoReport::reach)
                        .max()
                        .orElse(0);
        List<Markup> lines = new ArrayList<>();
        String group = "";
        for (Row row : table.rows()) {
            if (!row.group().equals(group)) {
                group = row.group();
                lines.add(Tag.of("tr", "group").with(Tag.of("th", "", group).set("colspan", "6")));
            }
            lines.add(line(row, extent));
        }
        Tag head =
                Tag.of("tr")
                        .with(
                                Stream.of("", "before", "after", "difference", "95 % interval", "")
                                        .map(name -> Tag.of("th", "num", name))
                                        .toList());
        return Tag.of("div", "card scroll")
                .with(
                        Tag.of("table")
                                .with(Tag.of("thead").with(head), Tag.of("tbody").with(lines)));
    }

    private static double reach(Interval interval) {
        return Math.max(Math.abs(interval.low()), Math.abs(interval.high()));
    }

    private static Markup line(Row row, double extent) {
        Unit unit = row.metric().unit();
        String verdict =
                switch (row.verdict()) {
                    case BETTER -> "good";
                    case WORSE -> "bad";
                    case UNDECIDED -> "neutral";
                };
        Markup glyph =
                unit == Unit.FRACTION
                        ? Glyphs.difference(
                                row.difference().value(),
                                row.difference().interval(),
                                extent,
                                verdict)
                        : Markup.text("");
        return Tag.of("tr")
                .with(
                        Tag.of("th", "", Labels.of(row.label())),
                        Tag.of("td", "num", Numbers.figure(row.before(), unit)),
                        Tag.of("td", "num strong", Numbers.figure(row.after(), unit)),
                        Tag.of(
                                "td",
                                "num " + verdict,
                                Numbers.signed(row.difference().value(), unit)),
                        Tag.of("td", "num faint", DemoTable.interval(row)),
                        Tag.of("td").with(glyph));
    }

    private List<Markup> charts() {
        return Stream.of(
                        chart("Loss", "loss", "image_loss", "text_loss"),
                        chart("Log-ratio to the base model, mean", "margins"),
                        chart(
                                "Log-probability of the answers, mean",
                                "chosen_logps",
                                "rejected_logps"),
                        chart("Gradient norm, before clipping", "grad_norm"),
                        chart("Learning rate", "learning_rate"))
                .flatMap(List::stream)
                .toList();
    }

    /** A chart of the values that the run wrote; none where it wrote none of them. */
    private List<Markup> chart(String title, String... names) {
        List<LineChart.Series> series =
                Stream.of(names)
                        .map(name -> new LineChart.Series(name.replace('_', ' '), curve.of(name)))
                        .filter(line -> !line.points().isEmpty())
                        .toList();
        return series.isEmpty() ? List.of() : List.of(new LineChart(title, series).show());
    }

    private static Markup pair(CaptionPair pair) {
        return Tag.of("article", "card example")
                .with(
                        Pictures.show(pair.image()),
                        Tag.of("div")
                                .with(
                                        Tag.of("p", "prompt", pair.before().question().text()),
                                        Tag.of("p", "who", "before"),
                                        Captions.show(pair.before()),
                                        Tag.of("p", "who", "after"),
                                        Captions.show(pair.after()),
                                        Captions.truth(pair.before())));
    }

    private static Markup row(MinedRow row) {
        List<Markup> negatives = new ArrayList<>();
        for (MinedRow.Negative negative : row.negatives()) {
            String figures =
                    "score "
                            + Numbers.significant(negative.score())
                            + " · log q "
                            + Numbers.significant(negative.logQ());
            negatives.add(
                    Tag.of("div", "negative")
                            .with(
                                    Pictures.show(negative.image()),
                                    Tag.of("p", "faint", figures),
                                    Tag.of("span", "badge", negative.selector())));
        }
        return Tag.of("article", "card mined")
                .with(
                        Tag.of("div", "example")
                                .with(
                                        Pictures.show(row.image()),
                                        Tag.of("div")
                                                .with(
                                                        Tag.of("p", "prompt", row.prompt()),
                                                        Tag.of("p", "who", "chosen"),
                                                        Tag.of("p", "caption", row.chosen()),
                                                        Tag.of("p", "who", "rejected"),
                                                        Tag.of("p", "caption", row.rejected()))),
                        Tag.of("div", "negatives").with(negatives));
    }
}
