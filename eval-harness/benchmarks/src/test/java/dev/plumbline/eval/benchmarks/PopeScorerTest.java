package dev.plumbline.eval.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values of the unmodified official script; where it divides by 0, the metric is undefined. */
class PopeScorerTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Yes",
                "NO",
                "Nope",
                "Not sure",
                "Yes, there is. No doubt.",
                "There isn't a cat.",
                "",
                ".No",
                "The cat is on the table. No other animal.",
                "1.5 dogs, no",
                "No!",
                "\nNo",
                "none",
                "no\tdog",
                "No,no"
            })
    void readsAsYes(String answer) {
        assertThat(PopeScorer.saysYes(answer)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "No.",
                "not",
                "There is no dog.",
                "Yes and no",
                "Yes, there is no cat.",
                "No, there is not.",
                "I do not see a cat in the image.",
                "no,",
                " no"
            })
    void readsAsNo(String answer) {
        assertThat(PopeScorer.saysYes(answer)).isFalse();
    }

    @Test
    void mixedAnswersGiveTheOfficialFigures() {
        Scorecard card =
                score(
                        List.of(
                                "Yes, there is a dog.",
                                "No, there is not.",
                                "There is no car in the image.",
                                "Yes",
                                "no",
                                "Yes, but not a red one.",
                                "NO",
                                "I see a bench. No people are visible."),
                        "ynynyyny");

        assertThat(card.counts().sums()).containsExactly(2, 2, 1, 3);
        assertThat(value(card, "accuracy")).isEqualTo(0.375);
        assertThat(value(card, "precision")).isEqualTo(0.5);
        assertThat(value(card, "recall")).isEqualTo(0.4);
        assertThat(value(card, "f1")).isEqualTo(0.4444444444444445);
        assertThat(value(card, "yes_ratio")).isEqualTo(0.5);
        assertThat(value(card, "false_yes")).isEqualTo(2.0 / 3);
    }

    @Test
    void alwaysYesGivesTheOfficialFigures() {
        Scorecard card = score(List.of("Yes", "Yes", "Yes", "Yes"), "ynyn");

        assertThat(value(card, "accuracy")).isEqualTo(0.5);
        assertThat(value(card, "recall")).isEqualTo(1.0);
        assertThat(value(card, "f1")).isEqualTo(0.6666666666666666);
        assertThat(value(card, "yes_ratio")).isEqualTo(1.0);
        assertThat(value(card, "false_yes")).isEqualTo(1.0);
    }

    @Test
    void f1FollowsPrecisionAndRecallToTheLastBit() {
        Scorecard card = score(List.of("yes", "no", "no", "no", "no"), "yyyyy");

        assertThat(value(card, "f1")).isEqualTo(0.33333333333333337);
    }

    @Test
    void metricsWithoutADenominatorAreUndefinedWithAReason() {
        Map<String, Figure> never = score(List.of("no", "no"), "yn").figures();
        Map<String, Figure> absent = score(List.of("yes", "no"), "nn").figures();
        Map<String, Figure> present = score(List.of("yes", "no"), "yy").figures();
        Map<String, Figure> wrong = score(List.of("no", "yes"), "yn").figures();

        assertThat(never.get("precision")).isEqualTo(new Figure.Undefined("no answer is yes"));
        assertThat(never.get("f1")).isEqualTo(new Figure.Undefined("no answer is yes"));
        assertThat(never.get("recall")).isEqualTo(new Figure.Measured(0));
        assertThat(absent.get("recall"))
                .isEqualTo(new Figure.Undefined("no question has the label yes"));
        assertThat(present.get("false_yes"))
                .isEqualTo(new Figure.Undefined("no question has the label no"));
        assertThat(wrong.get("f1")).isEqualTo(new Figure.Undefined("no yes is right"));
    }

    @Test
    void severalSettingsHavePrefixesAndTheirUnweightedMean() {
        PopeSet first = set("random", "yyn");
        PopeSet second = set("popular", "n");

        Map<String, Figure> figures =
                PopeScorer.score(List.of(first, second), question -> "Yes").figures();

        assertThat(figures.get("random_accuracy")).isEqualTo(new Figure.Measured(2.0 / 3));
        assertThat(figures.get("popular_accuracy")).isEqualTo(new Figure.Measured(0));
        assertThat(figures.get("accuracy")).isEqualTo(new Figure.Measured(1.0 / 3));
        assertThat(figures.get("f1")).isInstanceOf(Figure.Undefined.class);
    }

    private static double value(Scorecard card, String metric) {
        return card.figure(metric).orNaN();
    }

    private static Scorecard score(List<String> answers, String labels) {
        return PopeScorer.score(
                List.of(set("", labels)),
                question -> answers.get(Integer.parseInt(question.text())));
    }

    private static PopeSet set(String setting, String labels) {
        List<PopeItem> items = new ArrayList<>();
        for (int i = 0; i < labels.length(); i++) {
            items.add(
                    new PopeItem(
                            i,
                            new Question("1.jpg", Integer.toString(i)),
                            labels.charAt(i) == 'y'));
        }
        return new PopeSet(setting, items);
    }
}
