package dev.plumbline.engine.select;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A plane of pictures: a sample of what was chosen, and as large a one of the whole pool. A picture
 * may be in both.
 */
record MiningMap(List<Point> points) {
    /** Most points of each kind. */
    private static final int SAMPLE = 300;

    /**
     * A picture's place.
     *
     * @param rows how many rows chose it
     */
    record Point(double x, double y, Kind kind, int candidate, int rows) {}

    /** Why a picture is on the map. */
    enum Kind {
        CHOSEN,
        RANDOM
    }

    /** Nothing where the pool has no embeddings or nothing of it was chosen. */
    static Optional<MiningMap> of(Pool pool, List<PreferenceExample> mined, long seed) {
        TreeMap<Integer, Integer> uses = uses(mined);
        if (uses.isEmpty()) {
            return Optional.empty();
        }
        return pool.embeddings().map(embeddings -> of(embeddings, uses, seed));
    }

    private static TreeMap<Integer, Integer> uses(List<PreferenceExample> mined) {
        TreeMap<Integer, Integer> uses = new TreeMap<>();
        for (PreferenceExample row : mined) {
            row.negatives().stream()
                    .map(negative -> negative.details().candidate())
                    .filter(candidate -> candidate >= 0)
                    .distinct()
                    .forEach(candidate -> uses.merge(candidate, 1, Integer::sum));
        }
        return uses;
    }

    private static MiningMap of(Tensor embeddings, TreeMap<Integer, Integer> uses, long seed) {
        Random random = new Random(seed);
        int size = Math.toIntExact(embeddings.shape().get(0));
        List<Integer> chosen = sample(List.copyOf(uses.keySet()), random);
        List<Integer> others = sample(IntStream.range(0, size).boxed().toList(), random);
        List<Integer> all = Stream.concat(chosen.stream(), others.stream()).distinct().toList();
        float[][] vectors =
                all.stream()
                        .map(i -> embeddings.slice(i, i + 1L).toFloats())
                        .toArray(float[][]::new);
        double[][] plane = Tsne.map(vectors, new SplittableRandom(seed));
        List<Point> points = new ArrayList<>();
        others.forEach(i -> points.add(point(plane[all.indexOf(i)], Kind.RANDOM, i, uses)));
        chosen.forEach(i -> points.add(point(plane[all.indexOf(i)], Kind.CHOSEN, i, uses)));
        return new MiningMap(points);
    }

    private static Point point(
            double[] place, Kind kind, int candidate, TreeMap<Integer, Integer> uses) {
        return new Point(place[0], place[1], kind, candidate, uses.getOrDefault(candidate, 0));
    }

    private static List<Integer> sample(List<Integer> all, Random random) {
        List<Integer> shuffled = new ArrayList<>(all);
        Collections.shuffle(shuffled, random);
        return shuffled.stream().limit(SAMPLE).sorted().toList();
    }

    /**
     * @param image where a candidate's picture lies
     */
    ObjectNode json(IntFunction<String> image) {
        ObjectNode map = JsonNodeFactory.instance.objectNode();
        ArrayNode all = map.putArray("points");
        for (Point point : points) {
            all.addObject()
                    .put("x", point.x())
                    .put("y", point.y())
                    .put("kind", point.kind() == Kind.CHOSEN ? "chosen" : "random")
                    .put("image", image.apply(point.candidate()))
                    .put("rows", point.rows());
        }
        return map;
    }
}
