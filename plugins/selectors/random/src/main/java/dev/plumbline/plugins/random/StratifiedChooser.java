package dev.plumbline.plugins.random;

import dev.plumbline.spi.Array;
import dev.plumbline.spi.Choice;
import dev.plumbline.spi.Chooser;
import dev.plumbline.spi.Compute.Program;
import dev.plumbline.spi.Negative;
import dev.plumbline.spi.Selection;
import dev.plumbline.spi.Workshop;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Draws as many from each band of similarity; which bands give one more is chance. A candidate of a
 * band of n is drawn {@code K / (bands n)} times on average, which its weight is the inverse of.
 */
final class StratifiedChooser implements Chooser {
    private final Program program;
    private final String sampling;
    private final int bands;

    StratifiedChooser(Workshop workshop, String sampling, int bands) {
        int dimension = workshop.pool().dimension();
        this.sampling = sampling;
        this.bands = bands;
        this.program =
                workshop.compute()
                        .compile(
                                Map.of(),
                                v ->
                                        Map.of(
                                                "cosines",
                                                v.input("candidates", -1, dimension)
                                                        .matmul(v.input("own", dimension, 1))));
    }

    @Override
    public Choice choose(Selection selection) {
        float[] own = selection.imageEmbedding();
        Map<String, Array> outputs =
                selection
                        .candidates()
                        .compute(program, Map.of("own", Array.of(own, own.length, 1)));
        Array cosines = Objects.requireNonNull(outputs.get("cosines"));
        int[] order = nearestFirst(cosines);
        if (order.length < bands) {
            throw new IllegalStateException(
                    "a pool of %d has no %d bands".formatted(order.length, bands));
        }
        List<Integer> turns = turns(selection.random());
        Set<Integer> taken = new HashSet<>();
        List<Negative> drawn = new ArrayList<>();
        for (int draw = 0; draw < selection.k(); draw++) {
            int band = turns.get(draw % bands);
            int from = (int) ((long) band * order.length / bands);
            int size = (int) ((band + 1L) * order.length / bands) - from;
            if (draw / bands >= size && !sampling.equals(Choice.WITH_REPLACEMENT)) {
                throw new IllegalStateException(
                        "a band of %d cannot give %d: take fewer bands"
                                .formatted(size, draw / bands + 1));
            }
            int index = order[from + selection.random().nextInt(size)];
            while (!sampling.equals(Choice.WITH_REPLACEMENT) && !taken.add(index)) {
                index = order[from + selection.random().nextInt(size)];
            }
            double q = 1.0 / bands / size;
            drawn.add(
                    Negative.of(
                            index, cosines.get(index), Math.log(q), -Math.log(selection.k() * q)));
        }
        return new Choice(drawn, sampling, Double.NaN);
    }

    private static int[] nearestFirst(Array cosines) {
        return IntStream.range(0, cosines.size())
                .boxed()
                .sorted((a, b) -> {
                    int nearer = Double.compare(cosines.get(b), cosines.get(a));
                    return nearer != 0 ? nearer : Integer.compare(a, b);
                })
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private List<Integer> turns(RandomGenerator random) {
        List<Integer> turns = new ArrayList<>(IntStream.range(0, bands).boxed().toList());
        Collections.shuffle(turns, java.util.Random.from(random));
        return turns;
    }

    @Override
    public void close() {
        program.close();
    }
}
