package dev.plumbline.eval.report;

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
                .section("The table", table.footnote(), ComparisonView.table(table))
                .section(
                        "Training",
                        "Each value is of one step, before its update.",
                        Tag.of("div", "two").with(charts()))
                .section(
                        "What the models say",
                        "Half of these test pictures had a wrong object before or after, half had none; within each"
                                + " half they are evenly spaced over the test split.",
                        Tag.of("div", "two")
                                .with(captions.stream().map(DemoExamples::pair).toList()))
                .section(
                        "What it was trained on",
                        "Rows of the mined data, evenly spaced, with the negatives that were chosen: the same answer"
                                + " must become less likely about these pictures.",
                        Tag.of("div", "two").with(rows.stream().map(DemoExamples::row).toList()))
                .section("Settings", "", Page.facts(settings))
                .html();
    }

    private Stream<Markup> tile(String name) {
        return table.rows().stream()
                .filter(row -> row.name().equals(name))
                .map(ComparisonView::tile);
    }

    private List<Markup> charts() {
        return Stream.of(
                        chart("Loss", "loss", "image_loss", "text_loss"),
                        chart("Margin of the chosen over the rejected answer, mean", "margins"),
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
}
