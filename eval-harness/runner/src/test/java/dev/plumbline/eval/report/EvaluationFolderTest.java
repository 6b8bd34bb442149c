package dev.plumbline.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.eval.benchmarks.EvaluationException;
import dev.plumbline.eval.benchmarks.Interval;
import dev.plumbline.eval.benchmarks.PairedBootstrap;
import dev.plumbline.eval.benchmarks.PopeItem;
import dev.plumbline.eval.benchmarks.PopeScorer;
import dev.plumbline.eval.benchmarks.PopeSet;
import dev.plumbline.eval.benchmarks.Question;
import dev.plumbline.eval.runner.Evaluation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationFolderTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path folder;
    private Path pictures;

    @BeforeEach
    void copyPictures() throws IOException {
        pictures = Demo.pictures(Files.createDirectory(folder.resolve("pictures")));
    }

    @Test
    void holdsThreeWholeFiles() throws Exception {
        Path out = folder.resolve("a/b");

        write(out, Demo.measure("before", pictures).pope());

        try (Stream<Path> files = Files.list(out)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("answers.jsonl", "report.html", "results.json");
        }
        JsonNode results = JSON.readTree(out.resolve("results.json").toFile());
        assertThat(results.path("benchmark").textValue()).isEqualTo("pope");
        assertThat(results.path("n").intValue()).isEqualTo(360);
        assertThat(results.path("metrics").path("adversarial_accuracy").doubleValue())
                .isEqualTo(0.6);
        JsonNode interval = results.path("intervals").path("adversarial_accuracy");
        assertThat(interval.path("low").doubleValue()).isLessThan(0.6);
        assertThat(interval.path("high").doubleValue()).isGreaterThan(0.6);
        assertThat(results.path("settings").path("model").textValue()).isEqualTo("llava");
    }

    @Test
    void answersAreLinesWithTheirJudgement() throws Exception {
        write(folder.resolve("pope"), Demo.measure("before", pictures).pope());
        write(folder.resolve("chair"), Demo.measure("before", pictures).chair());

        List<String> pope = Files.readAllLines(folder.resolve("pope/answers.jsonl"));
        List<String> chair = Files.readAllLines(folder.resolve("chair/answers.jsonl"));
        assertThat(pope).hasSize(360);
        assertThat(JSON.readTree(pope.getFirst()).fieldNames())
                .toIterable()
                .containsExactly(
                        "setting",
                        "question_id",
                        "image",
                        "question",
                        "prompt",
                        "answer",
                        "label",
                        "said");
        assertThat(chair).hasSize(40);
        assertThat(JSON.readTree(chair.getFirst()).fieldNames())
                .toIterable()
                .containsExactly(
                        "image", "question", "prompt", "answer", "named", "wrong", "objects");
    }

    @Test
    void reportsAreWellFormedAndSelfContained() throws Exception {
        write(folder.resolve("pope"), Demo.measure("before", pictures).pope());
        write(folder.resolve("chair"), Demo.measure("before", pictures).chair());

        for (String name : List.of("pope", "chair")) {
            String text = Files.readString(folder.resolve(name + "/report.html"));
            Html html = new Html(text);
            assertThat(text)
                    .doesNotContainIgnoringCase("http")
                    .doesNotContain("<script", "<link", "url(");
            assertThat(html.elements("article", "example")).hasSize(12);
            assertThat(html.elements("img", "")).hasSize(12);
        }
        Html pope = new Html(Files.readString(folder.resolve("pope/report.html")));
        assertThat(pope.texts("tr", "group"))
                .containsExactly("random", "popular", "adversarial", "mean over the settings");
        assertThat(pope.texts("td", "num strong")).hasSize(24).startsWith("64.2");
        Html chair = new Html(Files.readString(folder.resolve("chair/report.html")));
        // evaluate.py: CHAIR_s 55.0, CHAIR_i 22.3, recall 85.3, words 8.1.
        assertThat(chair.texts("td", "num strong")).containsExactly("55.0", "22.3", "85.3", "8.1");
        assertThat(chair.elements("mark", "wrong")).hasSizeGreaterThanOrEqualTo(12);
    }

    @Test
    void anUndefinedMetricIsNullWithItsReason() throws Exception {
        PopeSet set =
                new PopeSet(
                        "",
                        List.of(new PopeItem(1, new Question("00.jpg", "Is there a dog?"), true)));
        Evaluation never =
                new Evaluation(
                        "pope",
                        PopeScorer.score(List.of(set), q -> "No"),
                        List.of(),
                        List.of("<note>"));

        write(folder, never);

        JsonNode results = JSON.readTree(folder.resolve("results.json").toFile());
        assertThat(results.path("metrics").path("precision").isNull()).isTrue();
        assertThat(results.path("undefined").path("precision").textValue())
                .isEqualTo("no answer is yes");
        assertThat(results.path("intervals").has("precision")).isFalse();
        assertThat(results.path("warnings").get(0).textValue()).isEqualTo("<note>");
        String report = Files.readString(folder.resolve("report.html"));
        assertThat(report).contains("undefined: no answer is yes").contains("&lt;note&gt;");
        assertThat(new Html(report).texts("p", "warning")).containsExactly("<note>");
    }

    @Test
    void namesAFolderThatCannotBeWritten() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        Evaluation evaluation = Demo.measure("before", pictures).chair();

        EvaluationException failure =
                catchThrowableOfType(
                        EvaluationException.class, () -> write(file.resolve("out"), evaluation));

        assertThat(failure.reason()).isEqualTo("OUTPUT_NOT_WRITABLE");
        assertThat(failure).hasMessageContaining(file.toString());
    }

    private void write(Path out, Evaluation evaluation) {
        Map<String, Interval> intervals = new PairedBootstrap(200, 0).intervals(evaluation.card());
        EvaluationFolder.write(out, evaluation, intervals, Map.of("model", "llava"), pictures);
    }
}
