package dev.plumbline.eval.runner;

import dev.plumbline.eval.benchmarks.Mention;
import dev.plumbline.eval.benchmarks.Question;
import java.util.List;
import java.util.Set;

/** One answer with its judgement: a line of {@code answers.jsonl}. */
public sealed interface JudgedAnswer {
    Question question();

    /** What was sent. */
    String prompt();

    /** What came back. */
    String answer();

    /** Whether the answer is right; for a caption, whether it names no wrong object. */
    boolean right();

    /**
     * A yes or no.
     *
     * @param setting the POPE setting, empty where the file's name says none
     * @param label whether the object is there
     * @param said whether the answer counts as a yes
     */
    record Pope(
            String setting,
            long id,
            Question question,
            String prompt,
            String answer,
            boolean label,
            boolean said)
            implements JudgedAnswer {
        @Override
        public boolean right() {
            return label == said;
        }
    }

    /**
     * A caption.
     *
     * @param mentions where the caption names objects
     * @param truth the objects in the picture
     */
    record Caption(
            Question question,
            String prompt,
            String answer,
            List<Mention> mentions,
            Set<String> truth)
            implements JudgedAnswer {
        public Caption {
            mentions = List.copyOf(mentions);
            truth = Set.copyOf(truth);
        }

        @Override
        public boolean right() {
            return mentions.stream().map(Mention::object).allMatch(truth::contains);
        }
    }
}
