package dev.plumbline.eval.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.eval.report.DemoTable.Measurement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

class DemoReportTest {
    private static final String ROW =
            """
            {"image": "00.jpg", "question": "Describe <it> & \\"more\\".", "chosen": "A dog.", "rejected": "A cat.", \
            "negative_images": [{"image": "01.jpg", "score": 0.25, "log_q": -6.907755, "selector": "random"}, \
            {"image": "absent.jpg", "selector": "random"}], "extra": 1}
            """;

    @TempDir Path folder;

    @BeforeEach
    void copyPictures() throws IOException {
        Demo.pictures(folder);
    }

    @Test
    void isWellFormedAndSelfContained() throws Exception {
        String html = report();

        assertThat(html)
                .doesNotContainIgnoringCase("http")
                .doesNotContain("<script", "<link", "url(", "@import");
        for (Element image : new Html(html).elements("img", "")) {
            assertThat(image.getAttribute("src")).startsWith("data:image/jpeg;base64,/9j/");
        }
        // The text of a style element is not unescaped by a browser.
        assertThat(html.substring(html.indexOf("<style>"), html.indexOf("</style>")))
                .doesNotContain("&");
    }

    @Test
    void showsTheTablesFigures() throws Exception {
        Html html = new Html(report());
        DemoTable table = Demo.table(folder);

        assertThat(html.texts("tr", "group"))
                .containsExactly("POPE random", "POPE popular", "POPE adversarial", "CHAIR");
        List<String> after = html.texts("td", "num strong");
        assertThat(after).hasSize(22);
        for (int i = 0; i < after.size(); i++) {
            DemoTable.Row row = table.rows().get(i);
            assertThat(after.get(i)).isEqualTo(Numbers.figure(row.after(), row.metric().unit()));
        }
        assertThat(html.texts("span", "now")).hasSize(4);
        // evaluate.py: 55.0 before, 17.5 after.
        assertThat(html.texts("div", "tile"))
                .anyMatch(tile -> tile.startsWith("CHAIR_s55.0→17.5%"));
    }

    @Test
    void marksWrongObjectsAndEscapesText() throws Exception {
        String text = report();
        Html html = new Html(text);
        List<CaptionPair> pairs = pairs();

        assertThat(html.elements("article", "example")).hasSize(12);
        long wrong =
                pairs.stream()
                        .flatMap(pair -> List.of(pair.before(), pair.after()).stream())
                        .flatMap(c ->
                                c.mentions().stream().filter(m -> !c.truth().contains(m.object())))
                        .count();
        assertThat(wrong).isPositive();
        assertThat(html.texts("mark", "wrong")).hasSize((int) wrong);
        assertThat(html.texts("p", "prompt")).contains("Describe <it> & \"more\".");
        assertThat(text).contains("Describe &lt;it&gt; &amp; &quot;more&quot;.");
    }

    @Test
    void showsNegativesWithTheirFigures() throws Exception {
        Html html = new Html(report());

        assertThat(html.texts("div", "negative"))
                .contains("score 0.250log q -6.91random", "no picture: absent.jpgrandom");
    }

    @Test
    void drawsWhatTheRunWrote() throws Exception {
        Html html = new Html(report());

        assertThat(html.texts("figcaption", ""))
                .containsExactly("Loss", "Gradient norm, before clipping");
        List<Element> lines = html.elements("polyline", "line");
        assertThat(lines).hasSize(3);
        // The step whose loss is NaN is left out.
        assertThat(lines.getFirst().getAttribute("points").split(" ")).hasSize(2);
        assertThat(lines.get(1).getAttribute("points").split(" ")).hasSize(3);
    }

    @Test
    void choosesCaptionsHalfWithAWrongObjectEachPictureOnce() throws Exception {
        List<CaptionPair> pairs = pairs();

        assertThat(pairs)
                .hasSize(12)
                .extracting(CaptionPair::image)
                .doesNotHaveDuplicates()
                .isSorted();
        assertThat(pairs)
                .filteredOn(pair -> !pair.before().right() || !pair.after().right())
                .hasSizeGreaterThanOrEqualTo(6);
    }

    private List<CaptionPair> pairs() throws IOException {
        Measurement before = Demo.measure("before", folder);
        Measurement after = Demo.measure("after", folder);
        return CaptionPair.choose(before.chair(), after.chair(), folder, 12);
    }

    private String report() throws IOException {
        Path rows = Files.writeString(folder.resolve("mined.jsonl"), ROW.repeat(20));
        Path metrics =
                Files.writeString(
                        folder.resolve("metrics.jsonl"),
                        """
                        {"step": 1, "loss": 2.5, "image_loss": 1.5, "grad_norm": 3.0}
                        {"step": 2, "loss": "NaN", "image_loss": 1.2, "grad_norm": 2.0}
                        {"step": 3, "loss": 1.5, "image_loss": 0.9, "grad_norm": 1.0}
                        """);
        DemoTable table = Demo.table(folder);
        return new DemoReport(
                        table,
                        TrainingCurve.read(metrics),
                        pairs(),
                        MinedRow.read(rows, 12),
                        Map.of("model", "llava <base>"))
                .html();
    }
}
