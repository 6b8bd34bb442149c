package dev.plumbline.engine.score;

import dev.plumbline.engine.model.LoraDropout;
import dev.plumbline.engine.model.LoraTensors;
import dev.plumbline.engine.tensor.Shape;
import dev.plumbline.engine.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What a graph with dropout is fed beside an {@link AnswerBatch}. */
public final class DropoutInputs {
    private DropoutInputs() {}

    /** Nothing where there is no dropout. */
    public static Map<String, Tensor> of(List<AnswerSequence> sequences, LoraTensors lora) {
        return lora.dropout()
                .map(dropout -> dropout.inputs(keys(sequences, dropout)))
                .orElse(Map.of());
    }

    private static Tensor keys(List<AnswerSequence> sequences, LoraDropout dropout) {
        List<AnswerRow> rows = AnswerRow.of(sequences, Integer.MAX_VALUE);
        int longest = rows.stream().mapToInt(AnswerRow::length).max().orElseThrow();
        int[] keys = new int[rows.size() * longest];
        Arrays.fill(keys, 1);
        for (int i = 0; i < rows.size(); i++) {
            AnswerRow row = rows.get(i);
            for (int s = 0; s < row.sequences().size(); s++) {
                AnswerSequence sequence = row.sequences().get(s);
                for (int token = 0; token < sequence.answer().length(); token++) {
                    keys[i * longest + row.place(s, token)] =
                            dropout.tokenKey(sequence.key(), token);
                }
            }
        }
        return Tensor.ofInts(Shape.of(rows.size(), longest, 1), keys);
    }
}
