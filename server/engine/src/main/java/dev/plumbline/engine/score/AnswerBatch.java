package dev.plumbline.engine.score;

import dev.plumbline.engine.model.EncodedAnswer;
import dev.plumbline.engine.model.ImageFeatures;
import dev.plumbline.engine.model.RotaryTable;
import dev.plumbline.engine.model.TokenPositions;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sequences side by side, padded on the right to the longest. Neighbors with the same pictures
 * share the row of what they begin with, where that saves work: the two answers of a preference
 * example do, when its prompt and picture are long. Answers on different pictures share only what
 * stands before the picture, which is not worth it.
 *
 * @param inputs of {@link dev.plumbline.engine.model.AnswerGraph}, without LoRA
 * @param answerLengths tokens of each answer; the graph's output holds them one after another
 */
public record AnswerBatch(Map<String, Tensor> inputs, List<Integer> answerLengths) {
    /** More tokens than this make a product no faster on a CPU, only larger. */
    public static final int TOKENS = 1024;

    /**
     * Splits sequences into batches of at most {@value #TOKENS} tokens with their padding, at least
     * one row each, in order.
     */
    public static List<List<AnswerSequence>> split(List<AnswerSequence> sequences) {
        return split(sequences, Integer.MAX_VALUE);
    }

    /** The same with at most so many sequences each. */
    public static List<List<AnswerSequence>> split(List<AnswerSequence> sequences, int most) {
        List<List<AnswerSequence>> batches = new ArrayList<>();
        List<AnswerSequence> batch = new ArrayList<>();
        int rows = 0;
        int longest = 0;
        for (AnswerRow row : AnswerRow.of(sequences, most)) {
            int length = Math.max(longest, row.length());
            boolean full =
                    batch.size() + row.sequences().size() > most || (rows + 1) * length > TOKENS;
            if (full && !batch.isEmpty()) {
                batches.add(batch);
                batch = new ArrayList<>();
                rows = 0;
                length = row.length();
            }
            batch.addAll(row.sequences());
            rows++;
            longest = length;
        }
        if (!batch.isEmpty()) {
            batches.add(batch);
        }
        return batches;
    }

    /**
     * How large a batch is.
     *
     * @param rows side by side
     * @param length tokens of each, padding included
     * @param answerTokens of all answers
     * @param imageTokens of all pictures
     */
    public record Size(int rows, int length, int answerTokens, int imageTokens) {
        public long tokens() {
            return (long) rows * length;
        }
    }

    /** The sizes of the batches into which {@link #split} cuts some sequences. */
    public static List<Size> sizes(List<AnswerSequence> sequences, int most) {
        return split(sequences, most).stream().map(AnswerBatch::size).toList();
    }

    private static Size size(List<AnswerSequence> batch) {
        List<AnswerRow> rows = AnswerRow.of(batch, Integer.MAX_VALUE);
        int answerTokens = batch.stream().mapToInt(s -> s.answer().answerLength()).sum();
        int imageTokens =
                rows.stream()
                        .map(row -> row.sequences().getFirst().answer().sequence())
                        .mapToInt(sequence -> sequence.imagePositions().size())
                        .sum();
        return new Size(rows.size(), longest(rows), answerTokens, imageTokens);
    }

    /**
     * Lays sequences out.
     *
     * @param hiddenSize of the model
     * @param rotary the model's
     */
    public static AnswerBatch of(
            List<AnswerSequence> sequences, int hiddenSize, RotaryTable rotary) {
        List<AnswerRow> rows = AnswerRow.of(sequences, Integer.MAX_VALUE);
        int longest = longest(rows);
        Map<String, Tensor> inputs = new HashMap<>(ids(rows, longest));
        inputs.putAll(pictures(rows, hiddenSize));
        inputs.putAll(rotations(rows, longest, rotary));
        inputs.put("attention_bias", bias(rows, longest));
        List<Integer> lengths = sequences.stream().map(s -> s.answer().answerLength()).toList();
        return new AnswerBatch(inputs, lengths);
    }

    /** What a graph gave for all answer tokens, cut into answers. */
    public List<List<Double>> byAnswer(Tensor values) {
        float[] all = values.toFloats();
        List<List<Double>> parts = new ArrayList<>();
        int at = 0;
        for (int length : answerLengths) {
            parts.add(new FloatList(Arrays.copyOfRange(all, at, at + length)));
            at += length;
        }
        return parts;
    }

    private static int longest(List<AnswerRow> rows) {
        return rows.stream().mapToInt(AnswerRow::length).max().orElseThrow();
    }

    private static Map<String, Tensor> ids(List<AnswerRow> rows, int longest) {
        long[] ids = new long[rows.size() * longest];
        List<Long> positions = new ArrayList<>();
        List<Long> wanted = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            AnswerRow row = rows.get(i);
            for (int s = 0; s < row.sequences().size(); s++) {
                EncodedAnswer answer = row.sequences().get(s).answer();
                List<Integer> tokens = answer.sequence().ids();
                for (int token = 0; token < tokens.size(); token++) {
                    ids[i * longest + row.place(s, token)] = tokens.get(token);
                    if (token >= answer.answerStart()) {
                        positions.add((long) i * longest + row.place(s, token - 1));
                        wanted.add((long) tokens.get(token));
                    }
                }
            }
        }
        return Map.of(
                "input_ids", Tensor.of(Shape.of(rows.size(), longest), ids),
                "answer_positions", Tensor.of(Shape.of(positions.size()), longs(positions)),
                "answer_ids", Tensor.of(Shape.of(wanted.size(), 1), longs(wanted)));
    }

    /** The pictures of each row, once: its sequences share them, and they stand in the prompt. */
    private static Map<String, Tensor> pictures(List<AnswerRow> rows, int hiddenSize) {
        List<Long> places = new ArrayList<>();
        List<Tensor> pictures = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            AnswerRow row = rows.get(i);
            AnswerSequence first = row.sequences().getFirst();
            for (int position : first.answer().sequence().imagePositions()) {
                places.add((long) i);
                places.add((long) position);
            }
            pictures.addAll(first.features());
        }
        return Map.of(
                "image_features",
                ImageFeatures.joined(pictures, hiddenSize),
                "image_positions",
                Tensor.of(Shape.of(places.size() / 2, 2), longs(places)));
    }

    private static Map<String, Tensor> rotations(
            List<AnswerRow> rows, int longest, RotaryTable rotary) {
        Shape shape = Shape.of(rows.size(), longest, rotary.width());
        Tensor cos = Tensor.zeros(DType.F32, shape);
        Tensor sin = Tensor.zeros(DType.F32, shape);
        for (int i = 0; i < rows.size(); i++) {
            AnswerRow row = rows.get(i);
            long at = (long) i * longest;
            rotary.fill(positions(row, 0), 0, row.shared(), cos, sin, at);
            for (int s = 0; s < row.sequences().size(); s++) {
                int length = row.sequences().get(s).answer().length();
                rotary.fill(positions(row, s), row.shared(), length, cos, sin, at + row.start(s));
            }
        }
        return Map.of("rope_cos", cos, "rope_sin", sin);
    }

    private static TokenPositions positions(AnswerRow row, int sequence) {
        return row.sequences().get(sequence).answer().sequence().positions();
    }

    /** Minus infinity for what is later, and for what belongs to another sequence of the row. */
    private static Tensor bias(List<AnswerRow> rows, int longest) {
        Tensor all = Tensor.zeros(DType.F32, Shape.of(rows.size(), 1, 1, longest, longest));
        for (int i = 0; i < rows.size(); i++) {
            all.slice(i, i + 1L).copyFrom(bias(rows.get(i), longest));
        }
        return all;
    }

    private static float[] bias(AnswerRow row, int longest) {
        float[] bias = new float[longest * longest];
        for (int at = 0; at < longest; at++) {
            int from = at * longest;
            Arrays.fill(bias, from + at + 1, from + longest, Float.NEGATIVE_INFINITY);
        }
        for (int s = 1; s < row.sequences().size(); s++) {
            for (int at = row.start(s); at < row.end(s); at++) {
                int from = at * longest;
                Arrays.fill(
                        bias, from + row.shared(), from + row.start(s), Float.NEGATIVE_INFINITY);
            }
        }
        return bias;
    }

    private static long[] longs(List<Long> values) {
        return values.stream().mapToLong(Long::longValue).toArray();
    }
}
