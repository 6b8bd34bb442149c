package dev.plumbline.engine.score;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.runtime.Cancellation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Answers that an adapter must change, to be an adapter at all: what it does to their
 * log-probabilities proves that it is in effect.
 *
 * @param rows at least one
 */
public record AdapterProbe(List<Row> rows) {
    private static final int SIDE = 64;

    /**
     * An answer to a prompt about some pictures, one after another.
     *
     * @param pictures empty for an answer without a picture
     */
    public record Row(String prompt, String answer, List<Picture> pictures) {
        public Row {
            pictures = List.copyOf(pictures);
        }
    }

    public AdapterProbe {
        rows = List.copyOf(rows);
        if (rows.isEmpty()) {
            throw new IllegalArgumentException("a probe needs a row");
        }
    }

    /** Always the same: drawn pictures, and answers that are true and untrue of them. */
    public static AdapterProbe builtIn() {
        Picture square = square();
        Picture stripes = stripes();
        return new AdapterProbe(
                List.of(
                        new Row(
                                "Describe the image.",
                                "There is a red square on a blue ground.",
                                List.of(square, stripes)),
                        new Row(
                                "What is in this picture?",
                                "A dog, two chairs and a ball.",
                                List.of(stripes)),
                        new Row("Is there a cat in the image?", "No.", List.of(square))));
    }

    /**
     * The rows that a model with a short context has room for.
     *
     * @throws PlumblineException where there are none
     */
    public AdapterProbe fitting(Scorer scorer) {
        List<Row> fitting = new ArrayList<>();
        Optional<PlumblineException> refusal = Optional.empty();
        for (Row row : rows) {
            try {
                List<Picture> first = row.pictures().stream().limit(1).toList();
                scorer.tokenize(row.prompt(), row.answer(), first);
                fitting.add(row);
            } catch (PlumblineException e) {
                refusal = Optional.of(e);
            }
        }
        if (fitting.isEmpty()) {
            throw refusal.orElseThrow();
        }
        return new AdapterProbe(fitting);
    }

    /** A red square on blue. */
    private static Picture square() {
        byte[] rgb = new byte[3 * SIDE * SIDE];
        for (int i = 0; i < SIDE * SIDE; i++) {
            int x = i % SIDE;
            int y = i / SIDE;
            boolean inside = x >= SIDE / 4 && x < 3 * SIDE / 4 && y >= SIDE / 4 && y < 3 * SIDE / 4;
            rgb[3 * i] = (byte) (inside ? 220 : 20);
            rgb[3 * i + 1] = 30;
            rgb[3 * i + 2] = (byte) (inside ? 20 : 200);
        }
        return new Picture(SIDE, SIDE, rgb);
    }

    /** Green and white stripes, each darker than the one above. */
    private static Picture stripes() {
        byte[] rgb = new byte[3 * SIDE * SIDE];
        for (int i = 0; i < SIDE * SIDE; i++) {
            int row = i / SIDE;
            boolean white = row / 8 % 2 == 0;
            rgb[3 * i] = (byte) (white ? 255 - 2 * row : 10);
            rgb[3 * i + 1] = (byte) (255 - 2 * row);
            rgb[3 * i + 2] = (byte) (white ? 255 - 2 * row : 10);
        }
        return new Picture(SIDE, SIDE, rgb);
    }

    /** Compares an adapter with the model alone. */
    public AdapterEffect measure(Scorer scorer, LoraAdapter adapter, Cancellation cancellation) {
        List<Double> alone = logps(scorer, Optional.empty(), cancellation);
        List<Double> adapted = logps(scorer, Optional.of(adapter), cancellation);
        double sum = 0;
        double max = 0;
        for (int i = 0; i < alone.size(); i++) {
            double change = Math.abs(adapted.get(i) - alone.get(i));
            sum += change;
            max = Math.max(max, change);
        }
        int answers = rows.stream().mapToInt(row -> Math.max(1, row.pictures().size())).sum();
        return new AdapterEffect(answers, alone.size(), sum / alone.size(), max);
    }

    private List<Double> logps(
            Scorer scorer, Optional<LoraAdapter> adapter, Cancellation cancellation) {
        List<Double> all = new ArrayList<>();
        for (Row row : rows) {
            scorer.score(row.prompt(), row.answer(), row.pictures(), adapter, cancellation)
                    .forEach(score -> all.addAll(score.tokenLogprobs()));
        }
        return all;
    }
}
