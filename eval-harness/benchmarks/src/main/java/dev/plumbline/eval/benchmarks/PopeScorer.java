package dev.plumbline.eval.benchmarks;

import dev.plumbline.eval.benchmarks.Metric.Better;
import dev.plumbline.eval.benchmarks.Metric.Unit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * POPE's official score (Li et al., 2023, arXiv 2305.10355; the rule of its {@code evaluate.py} and
 * of LLaVA's {@code eval_pope.py}), joined by picture and question instead of by position.
 */
public final class PopeScorer {
    private static final List<String> COLUMNS = List.of("tp", "fp", "tn", "fn");

    private PopeScorer() {}

    /**
     * How the official script reads an answer: no if one of {@code No}, {@code not}, {@code no} is
     * a word before the first full stop, else yes. So an empty or a refused answer is a yes, and so
     * is {@code NO}.
     */
    public static boolean saysYes(String answer) {
        int stop = answer.indexOf('.');
        String sentence = stop < 0 ? answer : answer.substring(0, stop);
        List<String> words = Arrays.asList(sentence.replace(",", "").split(" "));
        return !words.contains("No") && !words.contains("not") && !words.contains("no");
    }

    /**
     * Scores all sets. One set gives {@code accuracy, precision, recall, f1, yes_ratio, false_yes};
     * several give these with {@code random_} and the like before them, and under the plain names
     * their unweighted mean over the settings, as tables in the style of LLaVA do.
     *
     * @param answers a picture's answer to each question asked
     */
    public static Scorecard score(List<PopeSet> sets, Function<Question, String> answers) {
        List<String> columns = new ArrayList<>();
        sets.forEach(set -> COLUMNS.forEach(column -> columns.add(prefix(set) + column)));
        PictureCounts counts = new PictureCounts(columns);
        for (int i = 0; i < sets.size(); i++) {
            for (PopeItem item : sets.get(i).items()) {
                boolean said = saysYes(answers.apply(item.question()));
                counts.addAt(
                        item.question().image(), i * COLUMNS.size(), confusion(said, item.yes()));
            }
        }
        return new Scorecard(counts, sets.size() == 1 ? metrics(0) : metrics(sets));
    }

    private static String prefix(PopeSet set) {
        return set.setting().isEmpty() ? "" : set.setting() + "_";
    }

    private static long[] confusion(boolean said, boolean yes) {
        return new long[] {
            said && yes ? 1 : 0, said && !yes ? 1 : 0, !said && !yes ? 1 : 0, !said && yes ? 1 : 0,
        };
    }

    private static List<Metric> metrics(List<PopeSet> sets) {
        List<Metric> all = new ArrayList<>();
        for (int i = 0; i < sets.size(); i++) {
            String prefix = prefix(sets.get(i));
            metrics(i * COLUMNS.size())
                    .forEach(metric -> all.add(metric.named(prefix + metric.name())));
        }
        int each = metrics(0).size();
        for (int m = 0; m < each; m++) {
            Metric first = metrics(0).get(m);
            int place = m;
            List<Metric.Formula> formulas =
                    IntStream.range(0, sets.size())
                            .mapToObj(i -> all.get(i * each + place).formula())
                            .toList();
            all.add(
                    new Metric(
                            first.name(),
                            first.better(),
                            first.unit(),
                            sums -> mean(formulas, sums)));
        }
        return all;
    }

    private static Figure mean(List<Metric.Formula> formulas, double[] sums) {
        double total = 0;
        for (Metric.Formula formula : formulas) {
            Figure figure = formula.of(sums);
            if (figure instanceof Figure.Undefined) {
                return figure;
            }
            total += figure.orNaN();
        }
        return new Figure.Measured(total / formulas.size());
    }

    private static List<Metric> metrics(int offset) {
        return List.of(
                metric("accuracy", Better.HIGHER, offset, Confusion::accuracy),
                metric("precision", Better.HIGHER, offset, Confusion::precision),
                metric("recall", Better.HIGHER, offset, Confusion::recall),
                metric("f1", Better.HIGHER, offset, Confusion::f1),
                metric("yes_ratio", Better.NEITHER, offset, Confusion::yesRatio),
                metric("false_yes", Better.LOWER, offset, Confusion::falseYes));
    }

    private static Metric metric(
            String name, Better better, int offset, Function<Confusion, Figure> figure) {
        return new Metric(
                name, better, Unit.FRACTION, sums -> figure.apply(Confusion.at(sums, offset)));
    }
}
