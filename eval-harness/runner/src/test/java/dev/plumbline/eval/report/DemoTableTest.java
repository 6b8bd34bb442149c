package dev.plumbline.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.eval.benchmarks.Difference;
import dev.plumbline.eval.benchmarks.Figure;
import dev.plumbline.eval.benchmarks.Interval;
import dev.plumbline.eval.benchmarks.Metric;
import dev.plumbline.eval.benchmarks.Metric.Better;
import dev.plumbline.eval.benchmarks.Metric.Unit;
import dev.plumbline.eval.report.DemoTable.Row;
import dev.plumbline.eval.report.DemoTable.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoTableTest {
    @TempDir Path folder;

    /**
     * Through the runner, the scorers and the table to the document: still evaluate.py's figures.
     */
    @Test
    void theDocumentHoldsTheReferencesFigures() throws IOException {
        JsonNode expected =
                new ObjectMapper().readTree(Demo.FIXTURE.resolve("expected.json").toFile());
        ObjectNode json = Demo.table(Demo.pictures(folder)).json();

        for (String arm : List.of("before", "after")) {
            assertThat(json.path(arm).size()).isEqualTo(22);
            for (var figure : expected.path("figures").path(arm).properties()) {
                double scale = figure.getKey().equals("words") ? 1 : 100;
                assertThat(json.path(arm).path(name(figure.getKey())).doubleValue() * scale)
                        .as(figure.getKey())
                        .isCloseTo(figure.getValue().doubleValue(), within(1e-10));
            }
        }
        for (var figure : expected.path("differences").properties()) {
            double scale = figure.getKey().equals("words") ? 1 : 100;
            JsonNode ours = json.path("difference").path(name(figure.getKey()));
            assertThat(ours.path("value").doubleValue() * scale)
                    .isCloseTo(figure.getValue().get(0).doubleValue(), within(1e-10));
            // Other random draws, so only near: 200 resamples in the fixture, 2000 here.
            assertThat(ours.path("low").doubleValue() * scale)
                    .as(figure.getKey())
                    .isCloseTo(figure.getValue().get(1).doubleValue(), within(4.0));
            assertThat(ours.path("high").doubleValue() * scale)
                    .as(figure.getKey())
                    .isCloseTo(figure.getValue().get(2).doubleValue(), within(4.0));
        }
    }

    private static String name(String figure) {
        String lower = figure.toLowerCase(Locale.ROOT).replace(' ', '_');
        return figure.contains(" ") ? "pope_" + lower : lower;
    }

    @Test
    void theSameSeedGivesTheSameTable() throws IOException {
        Path pictures = Demo.pictures(folder);

        assertThat(Demo.table(pictures).text()).isEqualTo(Demo.table(pictures).text());
    }

    @Test
    void theTextIsAligned() {
        DemoTable table =
                new DemoTable(
                        List.of(
                                row(
                                        "pope_random_accuracy",
                                        Better.HIGHER,
                                        0.9609375,
                                        0.990625,
                                        0.02,
                                        0.0404),
                                row("chair_s", Better.LOWER, 0.27, 0.095, -0.217, -0.14),
                                row("recall", Better.HIGHER, 0.992, 0.98, -0.02, -0.001),
                                row("words", Better.NEITHER, 0.166, 0.158, -0.01, -0.006)),
                        300);

        assertThat(table.text().lines())
                .containsExactly(
                        "                     before    after  difference  95 % interval",
                        "group",
                        "  accuracy             96.1     99.1        +3.0  [  +2.0,   +4.0]   better",
                        "  CHAIR_s              27.0      9.5       -17.5  [ -21.7,  -14.0]   better",
                        "  recall               99.2     98.0        -1.2  [  -2.0,   -0.1]   worse",
                        "  words                16.6     15.8        -0.8  [  -1.0,   -0.6]",
                        "In percent; words: a caption's mean length. Differences are paired over 300 pictures;"
                                + " the intervals are percentiles of a bootstrap.");
    }

    @Test
    void anIntervalAroundZeroDecidesNothing() {
        assertThat(row("recall", Better.HIGHER, 0.5, 0.6, -0.01, 0.2).verdict())
                .isEqualTo(Verdict.UNDECIDED);
        assertThat(row("recall", Better.HIGHER, 0.5, 0.6, 0.01, 0.2).verdict())
                .isEqualTo(Verdict.BETTER);
        assertThat(row("chair_s", Better.LOWER, 0.5, 0.6, 0.01, 0.2).verdict())
                .isEqualTo(Verdict.WORSE);
    }

    @Test
    void undefinedFiguresAreDashesAndNulls() {
        Figure none = new Figure.Undefined("no answer is yes");
        Metric metric = new Metric("precision", Better.HIGHER, Unit.FRACTION, sums -> none);
        Row row =
                new Row(
                        "precision",
                        "group",
                        "precision",
                        metric,
                        new Figure.Measured(0),
                        none,
                        new Difference(none, null));
        DemoTable table = new DemoTable(List.of(row), 3);

        assertThat(table.text()).contains("  precision             0.0        –           –  –");
        assertThat(table.json().toString())
                .isEqualTo(
                        "{\"before\":{\"precision\":0.0},\"after\":{\"precision\":null},"
                                + "\"difference\":{\"precision\":{\"value\":null,\"low\":null,\"high\":null}}}");
    }

    private static Row row(
            String name, Better better, double before, double after, double low, double high) {
        Metric metric = new Metric(name, better, Unit.FRACTION, sums -> new Figure.Measured(0));
        return new Row(
                name,
                "group",
                name.replace("pope_random_", ""),
                metric,
                new Figure.Measured(before),
                new Figure.Measured(after),
                new Difference(new Figure.Measured(after - before), new Interval(low, high)));
    }
}
