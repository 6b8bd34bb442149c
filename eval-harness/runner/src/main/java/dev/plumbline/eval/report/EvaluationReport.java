package dev.plumbline.eval.report;

import dev.plumbline.eval.benchmarks.Figure;
import dev.plumbline.eval.benchmarks.Interval;
import dev.plumbline.eval.benchmarks.Metric;
import dev.plumbline.eval.benchmarks.Metric.Unit;
import dev.plumbline.eval.runner.Evaluation;
import dev.plumbline.eval.runner.JudgedAnswer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The page of one evaluation. */
public final class EvaluationReport {
    private static final int EXAMPLES = 12;

    private EvaluationReport() {}

    /**
     * The whole document.
     *
     * @param intervals of the metrics that have one
     * @param settings how it was asked
     * @param images the folder of the pictures
     */
    public static String html(
            Evaluation evaluation,
            Map<String, Interval> intervals,
            Map<String, String> settings,
            Path images) {
        String name = evaluation.benchmark().toUpperCase(Locale.ROOT);
        int pictures = evaluation.card().counts().pictures().size();
        Page page =
                new Page(
                        "evaluation",
                        name,
                        evaluation.n()
                                + " answers about "
                                + pictures
                                + " pictures, scored by "
                                + name
                                + "'s rule.");
        evaluation.warnings().forEach(warning -> page.top(Tag.of("p", "card warning", warning)));
        page.section(
                "Metrics",
                "In percent; the bars are 95 % intervals of a bootstrap over pictures.",
                metrics(evaluation, intervals));
        List<Markup> confusions = confusions(evaluation.answers());
        if (!confusions.isEmpty()) {
            page.section("Answers", "", Tag.of("div", "three").with(confusions));
        }
        examples(page, evaluation.answers(), images);
        return page.section("Settings", "", Page.facts(settings)).html();
    }

    private static Markup metrics(Evaluation evaluation, Map<String, Interval> intervals) {
        List<Markup> lines = new ArrayList<>();
        String group = "";
        for (Metric metric : evaluation.card().metrics()) {
            String own = group(evaluation, metric.name());
            if (!own.equals(group)) {
                group = own;
                lines.add(Tag.of("tr", "group").with(Tag.of("th", "", group).set("colspan", "4")));
            }
            Figure figure = evaluation.card().figure(metric.name());
            lines.add(line(metric, figure, intervals.get(metric.name())));
        }
        return Tag.of("div", "card scroll").with(Tag.of("table").with(Tag.of("tbody").with(lines)));
    }

    /** The setting of a metric, where there are several. */
    private static String group(Evaluation evaluation, String metric) {
        boolean several =
                evaluation.card().metrics().stream()
                        .anyMatch(m -> !Labels.setting(m.name()).isEmpty());
        String setting = Labels.setting(metric);
        return several && setting.isEmpty() ? "mean over the settings" : setting;
    }

    private static Markup line(Metric metric, Figure figure, @Nullable Interval interval) {
        Tag name = Tag.of("th", "", Labels.of(Labels.withoutSetting(metric.name())));
        if (figure instanceof Figure.Undefined(String reason)) {
            return Tag.of("tr")
                    .with(name, Tag.of("td", "faint", "undefined: " + reason).set("colspan", "3"));
        }
        Unit unit = metric.unit();
        String range =
                interval == null
                        ? "–"
                        : "["
                                + Numbers.plain(interval.low(), unit)
                                + ", "
                                + Numbers.plain(interval.high(), unit)
                                + "]";
        return Tag.of("tr")
                .with(
                        name,
                        Tag.of("td", "num strong", Numbers.figure(figure, unit)),
                        Tag.of("td", "num faint", range),
                        Tag.of("td")
                                .with(
                                        unit == Unit.FRACTION
                                                ? Glyphs.share(figure, interval)
                                                : Markup.text("")));
    }

    private static List<Markup> confusions(List<JudgedAnswer> answers) {
        Map<String, int[]> counts = new LinkedHashMap<>();
        for (JudgedAnswer answer : answers) {
            if (answer instanceof JudgedAnswer.Pope pope) {
                int[] four = counts.computeIfAbsent(pope.setting(), setting -> new int[4]);
                four[(pope.label() ? 0 : 2) + (pope.said() ? 0 : 1)]++;
            }
        }
        List<Markup> tables = new ArrayList<>();
        counts.forEach((setting, four) -> tables.add(confusion(setting, four)));
        return tables;
    }

    private static Markup confusion(String setting, int[] four) {
        return Tag.of("div", "card scroll")
                .with(
                        Tag.of("p", "name", setting.isEmpty() ? "all questions" : setting),
                        Tag.of("table")
                                .with(
                                        cells("th", "num", "", "said yes", "said no"),
                                        cells("td", "num", "there", "" + four[0], "" + four[1]),
                                        cells(
                                                "td",
                                                "num",
                                                "not there",
                                                "" + four[2],
                                                "" + four[3])));
    }

    private static Markup cells(String tag, String cssClass, String first, String... others) {
        return Tag.of("tr")
                .with(Tag.of("th", "", first))
                .with(Stream.of(others).map(text -> Tag.of(tag, cssClass, text)).toList());
    }

    private static void examples(Page page, List<JudgedAnswer> answers, Path images) {
        List<JudgedAnswer> wrong = answers.stream().filter(answer -> !answer.right()).toList();
        if (wrong.isEmpty()) {
            return;
        }
        List<Markup> cards =
                Pick.evenly(wrong, EXAMPLES).stream()
                        .map(answer -> example(answer, images))
                        .toList();
        page.section(
                "Wrong answers",
                wrong.size()
                        + " of "
                        + answers.size()
                        + " are wrong; these are evenly spaced among them.",
                Tag.of("div", "two").with(cards));
    }

    private static Markup example(JudgedAnswer answer, Path images) {
        List<Markup> said =
                switch (answer) {
                    case JudgedAnswer.Pope pope ->
                            List.of(
                                    Tag.of("p", "caption", pope.answer()),
                                    Tag.of(
                                            "span",
                                            "badge bad",
                                            pope.said() ? "counts as yes" : "counts as no"),
                                    Tag.of(
                                            "span",
                                            "badge",
                                            pope.label() ? "it is there" : "it is not there"));
                    case JudgedAnswer.Caption caption ->
                            List.of(Captions.show(caption), Captions.truth(caption));
                };
        return Tag.of("article", "card example")
                .with(
                        Pictures.show(images.resolve(answer.question().image())),
                        Tag.of("div")
                                .with(Tag.of("p", "prompt", answer.question().text()))
                                .with(said));
    }
}
