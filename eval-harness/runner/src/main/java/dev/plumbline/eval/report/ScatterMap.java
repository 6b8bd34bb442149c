package dev.plumbline.eval.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Points in the plane, of two kinds, as an SVG inside the page. */
record ScatterMap(List<Point> points) {
    private static final double SIZE = 600;
    private static final double EDGE = 12;

    /**
     * A picture's place.
     *
     * @param chosen or at random
     * @param name shown where the pointer is
     */
    record Point(double x, double y, boolean chosen, String name) {}

    /**
     * @param map {@code {points: [{x, y, kind, image}]}}
     */
    static ScatterMap of(JsonNode map) {
        List<Point> points = new ArrayList<>();
        for (JsonNode point : map.path("points")) {
            String image = point.path("image").asText();
            points.add(
                    new Point(
                            point.path("x").asDouble(),
                            point.path("y").asDouble(),
                            point.path("kind").asText().equals("chosen"),
                            image.substring(image.lastIndexOf('/') + 1)));
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
        List<Markup> dots = new ArrayList<>();
        for (Point point : points) {
            Tag dot =
                    Tag.of("circle", point.chosen() ? "spot s1" : "spot s0")
                            .set("cx", EDGE + (point.x() - left) / extent * (SIZE - 2 * EDGE))
                            .set("cy", EDGE + (point.y() - low) / extent * (SIZE - 2 * EDGE))
                            .set("r", 4);
            // Not in the list of void elements once it has a title.
            dots.add(dot.with(Tag.of("title").with(Markup.text(point.name()))));
        }
        String box = Numbers.coordinate(SIZE);
        Tag svg =
                Tag.of("svg", "map")
                        .set("viewBox", "0 0 " + box + " " + box)
                        .set("role", "img")
                        .set("aria-label", "map of chosen and random candidates")
                        .with(dots);
        return Tag.of("figure", "card").with(legend(), svg);
    }

    private Markup legend() {
        long chosen = points.stream().filter(Point::chosen).count();
        return Tag.of("div", "legend")
                .with(key("s1", "chosen", chosen), key("s0", "random", points.size() - chosen));
    }

    private static Markup key(String color, String name, long count) {
        return Tag.of("span", "key")
                .with(
                        Tag.of("i", "dot " + color),
                        Markup.text(name),
                        Tag.of("span", "faint", Long.toString(count)));
    }
}
