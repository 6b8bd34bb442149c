package dev.plumbline.eval.runner;

import dev.plumbline.eval.benchmarks.Scorecard;
import java.util.List;

/**
 * A benchmark asked and scored.
 *
 * @param benchmark {@code pope} or {@code chair}
 * @param warnings what a reader of the figures must know
 */
public record Evaluation(
        String benchmark, Scorecard card, List<JudgedAnswer> answers, List<String> warnings) {
    public Evaluation {
        answers = List.copyOf(answers);
        warnings = List.copyOf(warnings);
    }

    /** The number of answers scored. */
    public int n() {
        return answers.size();
    }
}
