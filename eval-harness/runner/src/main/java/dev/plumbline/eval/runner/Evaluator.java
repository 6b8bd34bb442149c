package dev.plumbline.eval.runner;

import dev.plumbline.eval.benchmarks.ChairScorer;
import dev.plumbline.eval.benchmarks.ChairSet;
import dev.plumbline.eval.benchmarks.EvaluationException;
import dev.plumbline.eval.benchmarks.PopeItem;
import dev.plumbline.eval.benchmarks.PopeScorer;
import dev.plumbline.eval.benchmarks.PopeSet;
import dev.plumbline.eval.benchmarks.Question;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Asks a benchmark's questions and scores the answers. */
public final class Evaluator {
    private final Answerer answerer;
    private final Progress progress;
    private final Cancellation cancellation;

    public Evaluator(Answerer answerer, Progress progress, Cancellation cancellation) {
        this.answerer = answerer;
        this.progress = progress;
        this.cancellation = cancellation;
    }

    /**
     * Evaluates POPE; a question that stands in several sets is asked once.
     *
     * @param images the folder of the pictures
     * @throws EvaluationException where a picture is missing, a call fails or the evaluation is
     *     cancelled
     */
    public Evaluation pope(List<PopeSet> sets, Path images, RunOptions options) {
        if (!options.prompt().asksTheQuestion()) {
            throw new EvaluationException(
                    EvaluationException.Code.INVALID_ARGUMENT,
                    "PROMPT_WITHOUT_QUESTION",
                    "The prompt for POPE must hold {question}, or every question would be the same.",
                    Map.of("field", "prompt", "prompt", options.prompt().text()));
        }
        List<Question> questions =
                sets.stream().flatMap(set -> set.items().stream()).map(PopeItem::question).toList();
        Answers answers = ask(questions, images, options);
        List<JudgedAnswer> judged = new ArrayList<>();
        for (PopeSet set : sets) {
            for (PopeItem item : set.items()) {
                judged.add(judge(set, item, answers));
            }
        }
        return new Evaluation("pope", PopeScorer.score(sets, answers::to), judged, List.of());
    }

    /**
     * Evaluates CHAIR.
     *
     * @param images the folder of the pictures
     * @throws EvaluationException where a picture is missing, a call fails or the evaluation is
     *     cancelled
     */
    public Evaluation chair(ChairSet set, Path images, RunOptions options) {
        Answers answers = ask(set.questions(), images, options);
        List<JudgedAnswer> judged = new ArrayList<>();
        for (Question question : set.questions()) {
            String caption = answers.to(question);
            judged.add(
                    new JudgedAnswer.Caption(
                            question,
                            answers.promptFor(question),
                            caption,
                            set.synonyms().mentions(caption),
                            set.truth().in(question.image())));
        }
        return new Evaluation("chair", ChairScorer.score(set, answers::to), judged, warnings(set));
    }

    private static JudgedAnswer judge(PopeSet set, PopeItem item, Answers answers) {
        Question question = item.question();
        String answer = answers.to(question);
        return new JudgedAnswer.Pope(
                set.setting(),
                item.id(),
                question,
                answers.promptFor(question),
                answer,
                item.yes(),
                PopeScorer.saysYes(answer));
    }

    private static List<String> warnings(ChairSet set) {
        Set<String> unknown = set.unknownObjects();
        return unknown.isEmpty()
                ? List.of()
                : List.of(
                        "The synonyms lack these true objects, so they count as missed in every caption: "
                                + String.join(", ", unknown));
    }

    private Answers ask(List<Question> questions, Path images, RunOptions options) {
        return new Interview(answerer, progress, cancellation, options).ask(questions, images);
    }
}
