package dev.plumbline.engine.train;

import dev.plumbline.engine.data.NegativeImage;
import dev.plumbline.engine.data.PreferenceExample;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Whether the negatives are all much the same, over the last {@value #MOST_ROWS} different rows
 * (and at least {@value #FEWEST_ROWS}). It holds in one of two cases:
 *
 * <ul>
 *   <li>the negatives of a row have a mean pairwise cosine above {@value #MOST_ALIKE}, mean over
 *       rows; the cosine is that of the selector's latents, which mined rows carry, and where they
 *       carry none, 1 for the same picture and 0 for another;
 *   <li>the rows share their negatives: the effective number of different pictures, {@code 1 / sum
 *       p^2} with p a picture's share, is at most {@value #SHARED} times a row's K.
 * </ul>
 */
final class NegativesCollapse {
    static final int MOST_ROWS = 32;
    static final int FEWEST_ROWS = 8;
    static final double MOST_ALIKE = 0.95;
    static final double SHARED = 1.5;

    private final List<Row> rows = new ArrayList<>();

    /**
     * What is kept of a row.
     *
     * @param place a hash of where it stands
     * @param alike mean pairwise cosine of its negatives; absent with fewer than two
     * @param pictures a hash of each negative
     */
    record Row(int place, List<Double> alike, List<Integer> pictures) {
        Row {
            alike = List.copyOf(alike);
            pictures = List.copyOf(pictures);
        }
    }

    /** The latest rows. */
    record State(List<Row> rows) {
        static final State NONE = new State(List.of());

        State {
            rows = List.copyOf(rows);
        }
    }

    NegativesCollapse(State state) {
        rows.addAll(state.rows());
    }

    State state() {
        return new State(rows);
    }

    /** What is to be said of it now, if it holds. */
    Optional<String> look(StepSigns signs) {
        for (PreferenceExample example : signs.rows()) {
            int place = example.place().toString().hashCode();
            if (!example.negatives().isEmpty()
                    && rows.stream().noneMatch(r -> r.place() == place)) {
                rows.add(row(place, example.negatives()));
            }
        }
        while (rows.size() > MOST_ROWS) {
            rows.removeFirst();
        }
        return rows.size() < FEWEST_ROWS ? Optional.empty() : verdict();
    }

    private Optional<String> verdict() {
        OptionalDouble alike =
                rows.stream()
                        .flatMap(row -> row.alike().stream())
                        .mapToDouble(Double::doubleValue)
                        .average();
        if (alike.isPresent() && alike.getAsDouble() > MOST_ALIKE) {
            return message(
                    "the negatives of a row are much the same (mean pairwise cosine %.3f)",
                    alike.getAsDouble());
        }
        double different = differentPictures();
        double k = rows.stream().mapToInt(row -> row.pictures().size()).average().orElseThrow();
        return different <= SHARED * k
                ? message("all rows share about %.1f different negatives", different)
                : Optional.empty();
    }

    private static Optional<String> message(String what, double value) {
        return Optional.of(
                String.format(Locale.ROOT, what, value)
                        + ": more of them teach nothing; raise diversity_weight or temperature, or give a larger pool");
    }

    private double differentPictures() {
        Map<Integer, Integer> counts = new HashMap<>();
        rows.forEach(row -> row.pictures().forEach(p -> counts.merge(p, 1, Integer::sum)));
        double all = counts.values().stream().mapToInt(Integer::intValue).sum();
        return 1 / counts.values().stream().mapToDouble(n -> n / all * (n / all)).sum();
    }

    private static Row row(int place, List<NegativeImage> negatives) {
        double sum = 0;
        int pairs = 0;
        for (int i = 0; i < negatives.size(); i++) {
            for (int j = 0; j < i; j++) {
                sum += cosine(negatives.get(i), negatives.get(j));
                pairs++;
            }
        }
        return new Row(
                place,
                pairs == 0 ? List.of() : List.of(sum / pairs),
                negatives.stream().map(n -> n.image().hashCode()).toList());
    }

    private static double cosine(NegativeImage one, NegativeImage other) {
        if (one.image().equals(other.image())) {
            return 1;
        }
        Map<Integer, Double> latents = new HashMap<>();
        other.details()
                .latents()
                .forEach(latent -> latents.put(latent.index(), latent.activation()));
        double product =
                one.details().latents().stream()
                        .mapToDouble(l -> l.activation() * latents.getOrDefault(l.index(), 0.0))
                        .sum();
        double length = length(one) * length(other);
        return length == 0 ? 0 : product / length;
    }

    private static double length(NegativeImage negative) {
        return Math.sqrt(
                negative.details().latents().stream()
                        .mapToDouble(l -> l.activation() * l.activation())
                        .sum());
    }
}
