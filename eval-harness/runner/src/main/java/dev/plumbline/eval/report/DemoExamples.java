package dev.plumbline.eval.report;

import java.util.ArrayList;
import java.util.List;

/** Single pictures on the demo's page: what was said about them, what was trained on them. */
final class DemoExamples {
    private static final int SHOWN_LATENTS = 3;

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
            negatives.add(negative(negative));
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

    private static Markup negative(MinedRow.Negative negative) {
        List<Markup> parts = new ArrayList<>(List.of(Pictures.show(negative.image())));
        addNumber(parts, "score", negative.score());
        addNumber(parts, "log q", negative.logQ());
        addNumber(parts, "risk", negative.risk());
        if (!negative.latents().isEmpty()) {
            List<Tag> latents =
                    negative.latents().stream()
                            .limit(SHOWN_LATENTS)
                            .map(latent -> Tag.of("span", "latent", latent))
                            .toList();
            parts.add(Tag.of("p", "faint").with(Markup.text("latents ")).with(latents));
        }
        parts.add(Tag.of("span", "badge", negative.selector()));
        negative.flags().forEach(flag -> parts.add(Tag.of("span", "badge bad", flag)));
        return Tag.of("div", "negative").with(parts);
    }

    /** Nothing where there is no number. */
    private static void addNumber(List<Markup> parts, String name, double value) {
        if (Double.isFinite(value)) {
            parts.add(Tag.of("p", "faint", name + " " + Numbers.significant(value)));
        }
    }
}
