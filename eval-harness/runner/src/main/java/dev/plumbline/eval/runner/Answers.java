package dev.plumbline.eval.runner;

import dev.plumbline.eval.benchmarks.Question;
import java.util.Map;
import java.util.Objects;

/** What was answered, by picture and prompt. */
record Answers(PromptTemplate template, Map<Question, String> byPrompt) {

    String promptFor(Question question) {
        return template.fill(question.text());
    }

    String to(Question question) {
        return Objects.requireNonNull(
                byPrompt.get(new Question(question.image(), promptFor(question))),
                () -> "not asked: " + question);
    }
}
