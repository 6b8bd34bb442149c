package dev.plumbline.eval.report;

import dev.plumbline.eval.benchmarks.Figure;
import dev.plumbline.eval.benchmarks.Interval;
import org.jspecify.annotations.Nullable;

/** Small pictures of a value with its interval, for a table's cell. */
final class Glyphs {
    private static final double WIDTH = 260;
    private static final double MIDDLE = 9;
    private static final double EDGE = 5;

    private Glyphs() {}

    /** A difference around 0 on an axis from -extent to +extent. */
    static Markup difference(
            Figure value, @Nullable Interval interval, double extent, String cssClass) {
        if (!(value instanceof Figure.Measured(double middle)) || interval == null || extent <= 0) {
            return Markup.text("");
        }
        Tag zero =
                Tag.of("line", "zero")
                        .set("x1", WIDTH / 2)
                        .set("x2", WIDTH / 2)
                        .set("y1", 1)
                        .set("y2", 17);
        return svg().with(
                        zero,
                        whisker(
                                at(interval.low(), -extent, extent),
                                at(interval.high(), -extent, extent),
                                cssClass),
                        dot(at(middle, -extent, extent), cssClass));
    }

    /** A share on an axis from 0 to 1. */
    static Markup share(Figure value, @Nullable Interval interval) {
        if (!(value instanceof Figure.Measured(double share))) {
            return Markup.text("");
        }
        Tag track = bar("track", EDGE, WIDTH - EDGE);
        Tag filled = bar("filled", EDGE, at(share, 0, 1));
        return interval == null
                ? svg().with(track, filled)
                : svg().with(
                                track,
                                filled,
                                whisker(
                                        at(interval.low(), 0, 1),
                                        at(interval.high(), 0, 1),
                                        "value"));
    }

    private static Tag svg() {
        return Tag.of("svg", "glyph").set("viewBox", "0 0 260 18").set("aria-hidden", "true");
    }

    private static double at(double value, double low, double high) {
        return EDGE + (value - low) / (high - low) * (WIDTH - 2 * EDGE);
    }

    private static Tag bar(String cssClass, double from, double to) {
        return Tag.of("rect", cssClass)
                .set("x", from)
                .set("y", MIDDLE - 3)
                .set("width", Math.max(0, to - from))
                .set("height", 6)
                .set("rx", 3);
    }

    private static Tag whisker(double from, double to, String cssClass) {
        return Tag.of("line", "whisker " + cssClass)
                .set("x1", from)
                .set("x2", to)
                .set("y1", MIDDLE)
                .set("y2", MIDDLE);
    }

    private static Tag dot(double at, String cssClass) {
        return Tag.of("circle", "point " + cssClass).set("cx", at).set("cy", MIDDLE).set("r", 3.5);
    }
}
