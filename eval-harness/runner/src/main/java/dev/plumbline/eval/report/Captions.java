package dev.plumbline.eval.report;

import dev.plumbline.eval.benchmarks.Mention;
import dev.plumbline.eval.runner.JudgedAnswer.Caption;
import java.util.ArrayList;
import java.util.List;

/**
 * A caption with the objects it names: wrong ones in class {@code wrong}, right ones in class
 * {@code right}.
 */
final class Captions {
    private Captions() {}

    static Markup show(Caption caption) {
        String text = caption.answer();
        List<Markup> parts = new ArrayList<>();
        int done = 0;
        for (Mention mention : caption.mentions()) {
            parts.add(Markup.text(text.substring(done, mention.start())));
            boolean right = caption.truth().contains(mention.object());
            String words = text.substring(mention.start(), mention.end());
            parts.add(
                    Tag.of("mark", right ? "right" : "wrong", words)
                            .set(
                                    "title",
                                    mention.object()
                                            + (right
                                                    ? ": in the picture"
                                                    : ": not in the picture")));
            done = mention.end();
        }
        parts.add(Markup.text(text.substring(done)));
        return Tag.of("p", "caption").with(parts);
    }

    /** What is in the picture. */
    static Markup truth(Caption caption) {
        List<String> objects = caption.truth().stream().sorted().toList();
        return Tag.of(
                "p",
                "faint",
                "in the picture: " + (objects.isEmpty() ? "nothing" : String.join(", ", objects)));
    }
}
