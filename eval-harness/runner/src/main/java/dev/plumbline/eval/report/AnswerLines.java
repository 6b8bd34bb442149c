package dev.plumbline.eval.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.eval.benchmarks.Mention;
import dev.plumbline.eval.runner.JudgedAnswer;
import java.util.List;
import java.util.stream.Collectors;

/** {@code answers.jsonl}: a line an answer, with its judgement. */
final class AnswerLines {
    private AnswerLines() {}

    static String of(List<JudgedAnswer> answers) {
        return answers.stream().map(answer -> line(answer) + "\n").collect(Collectors.joining());
    }

    private static ObjectNode line(JudgedAnswer answer) {
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        if (answer instanceof JudgedAnswer.Pope pope) {
            if (!pope.setting().isEmpty()) {
                line.put("setting", pope.setting());
            }
            line.put("question_id", pope.id());
        }
        line.put("image", answer.question().image());
        line.put("question", answer.question().text());
        line.put("prompt", answer.prompt());
        line.put("answer", answer.answer());
        switch (answer) {
            case JudgedAnswer.Pope pope ->
                    line.put("label", pope.label() ? "yes" : "no")
                            .put("said", pope.said() ? "yes" : "no");
            case JudgedAnswer.Caption caption -> {
                ArrayNode named = line.putArray("named");
                ArrayNode wrong = line.putArray("wrong");
                caption.mentions().stream()
                        .map(Mention::object)
                        .distinct()
                        .forEach(object -> {
                            named.add(object);
                            if (!caption.truth().contains(object)) {
                                wrong.add(object);
                            }
                        });
                ArrayNode objects = line.putArray("objects");
                caption.truth().stream().sorted().forEach(objects::add);
            }
        }
        return line;
    }
}
