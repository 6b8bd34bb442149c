package dev.plumbline.eval.report;

import java.util.ArrayList;
import java.util.List;

/** Single pictures on the demo's page: what was said about them, what was trained on them. */
final class DemoExamples {
    private DemoExamples() {}

    static Markup pair(CaptionPair pair) {
        return Tag.of("article", "card example")
                .with(
                        Pictures.show(pair.image()),
                        Tag.of("div")
                                .with(
                                        Tag.of("p", "prompt", pair.before().question().text()),
                                        Tag.of("p", "who", "before"),
                                        Captions.show(pair.before()),
                                        Tag.of("p", "who", "after"),
                                        Captions.show(pair.after()),
                                        Captions.truth(pair.before())));
    }

    static Markup row(MinedRow row) {
        List<Markup> negatives = new ArrayList<>();
        for (MinedRow.Negative negative : row.negatives()) {
            negatives.add(
                    Tag.of("div", "negative")
                            .with(
                                    Pictures.show(negative.image()),
                                    Tag.of(
                                            "p",
                                            "faint",
                                            "score " + Numbers.significant(negative.score())),
                                    Tag.of(
                                            "p",
                                            "faint",
                                            "log q " + Numbers.significant(negative.logQ())),
                                    Tag.of("span", "badge", negative.selector())));
        }
        return Tag.of("article", "card mined")
                .with(
                        Tag.of("div", "example")
                                .with(
                                        Pictures.show(row.image()),
                                        Tag.of("div")
                                                .with(
                                                        Tag.of("p", "prompt", row.prompt()),
                                                        Tag.of("p", "who", "chosen"),
                                                        Tag.of("p", "caption", row.chosen()),
                                                        Tag.of("p", "who", "rejected"),
                                                        Tag.of("p", "caption", row.rejected()))),
                        Tag.of("div", "negatives").with(negatives));
    }
}
