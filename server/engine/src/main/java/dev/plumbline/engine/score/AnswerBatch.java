package dev.plumbline.engine.score;

import dev.plumbline.engine.model.AnswerGraph;
import dev.plumbline.engine.model.EncodedAnswer;
import dev.plumbline.engine.tensor.DType;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sequences side by side, padded on the right to the longest.
 *
 * @param inputs of {@link AnswerGraph}, without LoRA
 * @param answerLengths tokens of each answer; the graph's output holds them one after another
 */
public record AnswerBatch(Map<String, Tensor> inputs, List<Integer> answerLengths) {
    /** More tokens than this make a product no faster on a CPU, only larger. */
    public static final int TOKENS = 1024;

    /**
     * Splits sequences into batches of at most {@value #TOKENS} tokens with their padding, at least
     * one sequence each, in order.
     */
    public static List<List<AnswerSequence>> split(List<AnswerSequence> sequences) {
        return split(sequences, Integer.MAX_VALUE);
    }

    /** The same with at most so many sequences each. */
    public static List<List<AnswerSequence>> split(List<AnswerSequence> sequences, int most) {
        List<List<AnswerSequence>> batches = new ArrayList<>();
        List<AnswerSequence> batch = new ArrayList<>();
        int longest = 0;
        for (AnswerSequence sequence : sequences) {
            int length = Math.max(longest, sequence.answer().length());
            boolean full = batch.size() == most || (batch.size() + 1) * length > TOKENS;
            if (full && !batch.isEmpty()) {
                batches.add(batch);
                batch = new ArrayList<>();
                length = sequence.answer().length();
            }
            batch.add(sequence);
            longest = length;
        }
        if (!batch.isEmpty()) {
            batches.add(batch);
        }
        return batches;
    }

    /**
     * Lays sequences out.
     *
     * @param hiddenSize of the model
     */
    public static AnswerBatch of(List<AnswerSequence> sequences, int hiddenSize) {
        int longest = sequences.stream().mapToInt(s -> s.answer().length()).max().orElseThrow();
        Map<String, Tensor> inputs = new HashMap<>(answers(sequences, longest));
        inputs.putAll(pictures(sequences, hiddenSize));
        inputs.put("causal_bias", causalBias(longest));
        List<Integer> lengths = sequences.stream().map(s -> s.answer().answerLength()).toList();
        return new AnswerBatch(inputs, lengths);
    }

    private static Map<String, Tensor> answers(List<AnswerSequence> sequences, int longest) {
        long[] ids = new long[sequences.size() * longest];
        List<Long> positions = new ArrayList<>();
        List<Long> wanted = new ArrayList<>();
        for (int row = 0; row < sequences.size(); row++) {
            EncodedAnswer answer = sequences.get(row).answer();
            List<Integer> tokens = answer.sequence().ids();
            for (int i = 0; i < tokens.size(); i++) {
                ids[row * longest + i] = tokens.get(i);
                if (i >= answer.answerStart()) {
                    positions.add((long) row * longest + i - 1);
                    wanted.add((long) tokens.get(i));
                }
            }
        }
        return Map.of(
                "input_ids", Tensor.of(Shape.of(sequences.size(), longest), ids),
                "answer_positions", Tensor.of(Shape.of(positions.size()), longs(positions)),
                "answer_ids", Tensor.of(Shape.of(wanted.size(), 1), longs(wanted)));
    }

    private static Map<String, Tensor> pictures(List<AnswerSequence> sequences, int hiddenSize) {
        List<Long> places = new ArrayList<>();
        long pieces = 0;
        for (int row = 0; row < sequences.size(); row++) {
            for (int position : sequences.get(row).answer().sequence().imagePositions()) {
                places.add((long) row);
                places.add((long) position);
                pieces++;
            }
        }
        Tensor features = Tensor.zeros(DType.F32, Shape.of(pieces, hiddenSize));
        long at = 0;
        for (AnswerSequence sequence : sequences) {
            for (Tensor picture : sequence.features()) {
                long end = at + picture.shape().get(0);
                features.slice(at, end).copyFrom(picture);
                at = end;
            }
        }
        return Map.of(
                "image_features",
                features,
                "image_positions",
                Tensor.of(Shape.of(pieces, 2), longs(places)));
    }

    private static Tensor causalBias(int length) {
        float[] bias = new float[length * length];
        for (int row = 0; row < length; row++) {
            for (int column = row + 1; column < length; column++) {
                bias[row * length + column] = Float.NEGATIVE_INFINITY;
            }
        }
        return Tensor.of(Shape.of(length, length), bias);
    }

    private static long[] longs(List<Long> values) {
        return values.stream().mapToLong(Long::longValue).toArray();
    }
}
