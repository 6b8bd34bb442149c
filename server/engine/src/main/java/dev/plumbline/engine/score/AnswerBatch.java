package dev.plumbline.engine.score;

import dev.plumbline.engine.model.AnswerGraph;
import dev.plumbline.engine.model.EncodedAnswer;
import dev.plumbline.engine.model.EncodedPrompt;
import dev.plumbline.engine.model.RotaryTable;
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
     * @param rotary the model's
     */
    public static AnswerBatch of(
            List<AnswerSequence> sequences, int hiddenSize, RotaryTable rotary) {
        int longest = sequences.stream().mapToInt(s -> s.answer().length()).max().orElseThrow();
        Map<String, Tensor> inputs = new HashMap<>(answers(sequences, longest));
        inputs.putAll(pictures(sequences, hiddenSize));
        inputs.putAll(rotations(sequences, longest, rotary));
        inputs.put("attention_bias", causalBias(sequences.size(), longest));
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

    private static Map<String, Tensor> rotations(
            List<AnswerSequence> sequences, int longest, RotaryTable rotary) {
        Shape shape = Shape.of(sequences.size(), longest, rotary.width());
        Tensor cos = Tensor.zeros(DType.F32, shape);
        Tensor sin = Tensor.zeros(DType.F32, shape);
        for (int row = 0; row < sequences.size(); row++) {
            EncodedPrompt sequence = sequences.get(row).answer().sequence();
            long at = (long) row * longest;
            rotary.fill(sequence.positions(), 0, sequence.ids().size(), cos, sin, at);
        }
        return Map.of("rope_cos", cos, "rope_sin", sin);
    }

    private static Tensor causalBias(int sequences, int length) {
        float[] bias = new float[length * length];
        for (int row = 0; row < length; row++) {
            for (int column = row + 1; column < length; column++) {
                bias[row * length + column] = Float.NEGATIVE_INFINITY;
            }
        }
        Tensor all = Tensor.zeros(DType.F32, Shape.of(sequences, 1, 1, length, length));
        for (int sequence = 0; sequence < sequences; sequence++) {
            all.slice(sequence, sequence + 1L).copyFrom(bias);
        }
        return all;
    }

    private static long[] longs(List<Long> values) {
        return values.stream().mapToLong(Long::longValue).toArray();
    }
}
