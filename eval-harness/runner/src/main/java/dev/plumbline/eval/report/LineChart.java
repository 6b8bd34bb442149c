package dev.plumbline.eval.report;

import dev.plumbline.eval.report.TrainingCurve.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Lines, as an SVG inside the page.
 *
 * @param axis what is counted, such as steps
 */
record LineChart(String title, String axis, List<Series> series) {
    LineChart(String title, List<Series> series) {
        this(title, "step", series);
    }

    private static final double WIDTH = 520;
    private static final double HEIGHT = 220;
    private static final double LEFT = 46;
    private static final double RIGHT = 10;
    private static final double TOP = 10;
    private static final double BOTTOM = 26;
    private static final int MAX_HOVER_POINTS = 300;

    /** One line; its color follows from its place in the list. */
    record Series(String name, List<Point> points) {}

    Markup show() {
        Axis x =
                Axis.over(
                        series.stream()
                                .flatMap(s -> s.points().stream())
                                .mapToDouble(Point::x)
                                .toArray());
        Axis y =
                Axis.over(
                        series.stream()
                                .flatMap(s -> s.points().stream())
                                .mapToDouble(Point::y)
                                .toArray());
        List<Markup> shapes = new ArrayList<>();
        y.ticks().forEach(tick -> shapes.addAll(yTick(y, tick)));
        x.ticks().stream()
                .filter(tick -> tick == Math.rint(tick))
                .forEach(tick -> shapes.add(xTick(x, tick)));
        shapes.add(Tag.of("text", "tick axis", axis).set("x", LEFT - 32).set("y", HEIGHT - 8));
        for (int i = 0; i < series.size(); i++) {
            shapes.addAll(line(series.get(i), "s" + i, x, y));
        }
        Tag svg =
                Tag.of("svg", "chart")
                        .set(
                                "viewBox",
                                "0 0 "
                                        + Numbers.coordinate(WIDTH)
                                        + " "
                                        + Numbers.coordinate(HEIGHT))
                        .set("role", "img")
                        .set("aria-label", title)
                        .with(shapes);
        return Tag.of("figure", "card")
                .with(Tag.of("figcaption").with(Markup.text(title)), legend(), svg);
    }

    private Markup legend() {
        List<Markup> entries = new ArrayList<>();
        for (int i = 0; i < series.size(); i++) {
            List<Point> points = series.get(i).points();
            String last = points.isEmpty() ? "" : " " + Numbers.significant(points.getLast().y());
            entries.add(
                    Tag.of("span", "key")
                            .with(
                                    Tag.of("i", "dot s" + i),
                                    Markup.text(series.get(i).name()),
                                    Tag.of("span", "faint", last)));
        }
        return Tag.of("div", "legend").with(entries);
    }

    private static double px(Axis x, double value) {
        return LEFT + x.share(value) * (WIDTH - LEFT - RIGHT);
    }

    private static double py(Axis y, double value) {
        return HEIGHT - BOTTOM - y.share(value) * (HEIGHT - TOP - BOTTOM);
    }

    private static List<Markup> yTick(Axis y, double tick) {
        double at = py(y, tick);
        Tag grid =
                Tag.of("line", "grid")
                        .set("x1", LEFT)
                        .set("x2", WIDTH - RIGHT)
                        .set("y1", at)
                        .set("y2", at);
        Tag label = Tag.of("text", "tick end", y.label(tick)).set("x", LEFT - 6).set("y", at + 3.5);
        return List.of(grid, label);
    }

    private static Markup xTick(Axis x, double tick) {
        return Tag.of("text", "tick middle", x.label(tick))
                .set("x", px(x, tick))
                .set("y", HEIGHT - 8);
    }

    private List<Markup> line(Series series, String color, Axis x, Axis y) {
        String path =
                series.points().stream()
                        .map(p ->
                                Numbers.coordinate(px(x, p.x()))
                                        + ","
                                        + Numbers.coordinate(py(y, p.y())))
                        .collect(Collectors.joining(" "));
        List<Markup> shapes = new ArrayList<>();
        shapes.add(Tag.of("polyline", "line " + color).set("points", path));
        if (series.points().size() <= MAX_HOVER_POINTS) {
            series.points().forEach(point -> shapes.add(hover(series.name(), axis, point, x, y)));
        }
        return shapes;
    }

    private static Markup hover(String name, String axis, Point point, Axis x, Axis y) {
        String text =
                name
                        + " "
                        + Numbers.significant(point.y())
                        + (axis.equals("step") ? " at step " : " at " + axis + " = ")
                        + Numbers.coordinate(point.x());
        return Tag.of("circle", "hover")
                .set("cx", px(x, point.x()))
                .set("cy", py(y, point.y()))
                .set("r", 5)
                .with(Tag.of("title").with(Markup.text(text)));
    }
}
