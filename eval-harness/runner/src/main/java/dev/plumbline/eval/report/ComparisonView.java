package dev.plumbline.eval.report;

import dev.plumbline.eval.benchmarks.Interval;
import dev.plumbline.eval.benchmarks.Metric.Unit;
import dev.plumbline.eval.report.DemoTable.Row;
import dev.plumbline.eval.report.DemoTable.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Before and after on a page: all rows in a table, single ones as tiles. */
final class ComparisonView {
    private ComparisonView() {}

    static Markup tile(Row row) {
        Unit unit = row.metric().unit();
        String label = Labels.of(row.label());
        String title = label.startsWith(row.group()) ? label : row.group() + ", " + label;
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
                                        + interval(row)),
                        badge(row.verdict()));
    }

    static Markup table(DemoTable comparison) {
        double extent =
                comparison.rows().stream()
                        .filter(row -> row.metric().unit() == Unit.FRACTION)
                        .map(row -> row.difference().interval())
                        .flatMap(Stream::ofNullable)
                        .mapToDouble(ComparisonView::reach)
                        .max()
                        .orElse(0);
        List<Markup> lines = new ArrayList<>();
        String group = "";
        for (Row row : comparison.rows()) {
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
                        Tag.of("td", "num faint", interval(row)),
                        Tag.of("td").with(glyph));
    }

    private static double reach(Interval interval) {
        return Math.max(Math.abs(interval.low()), Math.abs(interval.high()));
    }

    private static String interval(Row row) {
        Interval interval = row.difference().interval();
        Unit unit = row.metric().unit();
        return interval == null
                ? "–"
                : "["
                        + Numbers.signed(interval.low(), unit)
                        + ", "
                        + Numbers.signed(interval.high(), unit)
                        + "]";
    }

    private static Markup badge(Verdict verdict) {
        return switch (verdict) {
            case BETTER -> Tag.of("span", "badge good", "better");
            case WORSE -> Tag.of("span", "badge bad", "worse");
            case UNDECIDED -> Tag.of("span", "badge", "no clear change");
        };
    }
}
