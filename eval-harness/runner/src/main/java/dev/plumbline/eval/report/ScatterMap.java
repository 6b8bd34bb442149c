package dev.plumbline.eval.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Points in the plane, of two kinds, some of them as pictures: an SVG inside the page. */
record ScatterMap(List<Point> points) {
    private static final double SIZE = 900;
    private static final double EDGE = 24;
    private static final double PICTURE = 36;
    private static final int PICTURES_A_KIND = 40;

    /**
     * A picture's place.
     *
     * @param chosen or at random
     * @param rows how many chose it
     */
    record Point(double x, double y, boolean chosen, Path image, int rows) {
        String color() {
            return chosen ? "s1" : "s0";
        }

        Markup title() {
            String name = String.valueOf(image.getFileName());
            String by = rows == 1 ? ", chosen by 1 row" : ", chosen by " + rows + " rows";
            return Tag.of("title").with(Markup.text(rows > 0 ? name + by : name));
        }
    }

    /**
     * @param map {@code {points: [{x, y, kind, image, rows}]}}
     */
    static ScatterMap of(JsonNode map) {
        List<Point> points = new ArrayList<>();
        for (JsonNode point : map.path("points")) {
            points.add(
                    new Point(
                            point.path("x").asDouble(),
                            point.path("y").asDouble(),
                            point.path("kind").asText().equals("chosen"),
                            Path.of(point.path("image").asText()),
                            point.path("rows").asInt()));
        }
        return new ScatterMap(points);
    }

    boolean isEmpty() {
        return points.isEmpty();
    }

    Markup show() {
        double left = points.stream().mapToDouble(Point::x).min().orElse(0);
        double right = points.stream().mapToDouble(Point::x).max().orElse(1);
        double low = points.stream().mapToDouble(Point::y).min().orElse(0);
        double high = points.stream().mapToDouble(Point::y).max().orElse(1);
        double extent = Math.max(1e-9, Math.max(right - left, high - low));
        double scale = (SIZE - 2 * EDGE) / extent;
        // The shorter of the two axes lies in the middle.
        double x0 = SIZE / 2 - (left + right) / 2 * scale;
        double y0 = SIZE / 2 - (low + high) / 2 * scale;
        List<Point> placed =
                points.stream()
                        .map(p ->
                                new Point(
                                        x0 + p.x() * scale,
                                        y0 + p.y() * scale,
                                        p.chosen(),
                                        p.image(),
                                        p.rows()))
                        .toList();
        List<Markup> shapes = new ArrayList<>();
        placed.forEach(point -> shapes.add(dot(point)));
        pictured(placed, point -> !point.chosen()).forEach(point -> shapes.add(picture(point)));
        pictured(placed, Point::chosen).forEach(point -> shapes.add(picture(point)));
        String box = Numbers.coordinate(SIZE);
        Tag svg =
                Tag.of("svg", "map")
                        .set("viewBox", "0 0 " + box + " " + box)
                        .set("role", "img")
                        .set("aria-label", "map of chosen and random candidates")
                        .with(shapes);
        return Tag.of("figure", "card").with(legend(), svg);
    }

    private static List<Point> pictured(List<Point> placed, Predicate<Point> kind) {
        return Pick.evenly(placed.stream().filter(kind).toList(), PICTURES_A_KIND);
    }

    /** The larger, the more rows chose it. */
    private static Markup dot(Point point) {
        double more = point.chosen() ? Math.min(6, Math.sqrt(Math.max(0, point.rows() - 1))) : 0;
        return Tag.of("circle", "spot " + point.color())
                .set("cx", point.x())
                .set("cy", point.y())
                .set("r", 4 + more)
                .with(point.title());
    }

    private static Markup picture(Point point) {
        Tag frame =
                Tag.of("rect", "frame " + point.color())
                        .set("x", point.x() - PICTURE / 2)
                        .set("y", point.y() - PICTURE / 2)
                        .set("width", PICTURE)
                        .set("height", PICTURE)
                        .set("rx", 3);
        List<Markup> parts = new ArrayList<>();
        Pictures.thumbnail(point.image())
                .ifPresent(data ->
                        parts.add(
                                Tag.of("image")
                                        .set("x", point.x() - PICTURE / 2)
                                        .set("y", point.y() - PICTURE / 2)
                                        .set("width", PICTURE)
                                        .set("height", PICTURE)
                                        .set("preserveAspectRatio", "xMidYMid slice")
                                        .set("href", data)));
        parts.add(frame.with(point.title()));
        return Tag.of("g").with(parts);
    }

    private Markup legend() {
        long chosen = points.stream().filter(Point::chosen).count();
        return Tag.of("div", "legend")
                .with(
                        key("s1", "chosen, larger by more rows", chosen),
                        key("s0", "random", points.size() - chosen));
    }

    private static Markup key(String color, String name, long count) {
        return Tag.of("span", "key")
                .with(
                        Tag.of("i", "dot " + color),
                        Markup.text(name),
                        Tag.of("span", "faint", Long.toString(count)));
    }
}
