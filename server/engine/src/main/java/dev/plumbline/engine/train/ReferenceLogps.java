package dev.plumbline.engine.train;

import dev.plumbline.engine.model.LoraTensors;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.score.AnswerSequence;
import dev.plumbline.engine.score.Scorer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/** Log-probabilities of answer tokens by the model without any adapter, computed once a row. */
final class ReferenceLogps {
    private final Scorer scorer;
    private final Map<Integer, List<List<Double>>> known = new HashMap<>();

    ReferenceLogps(Scorer scorer) {
        this.scorer = scorer;
    }

    /** Of each row, of each of its sequences, of each of its answer's tokens, in order. */
    List<List<List<Double>>> of(
            List<Integer> rows, List<List<AnswerSequence>> sequences, Cancellation cancellation) {
        List<AnswerSequence> missing =
                IntStream.range(0, rows.size())
                        .filter(i -> !known.containsKey(rows.get(i)))
                        .boxed()
                        .flatMap(i -> sequences.get(i).stream())
                        .toList();
        List<List<Double>> logps = scorer.tokenLogps(missing, LoraTensors.NONE, cancellation);
        int at = 0;
        for (int i = 0; i < rows.size(); i++) {
            if (!known.containsKey(rows.get(i))) {
                int end = at + sequences.get(i).size();
                known.put(rows.get(i), List.copyOf(logps.subList(at, end)));
                at = end;
            }
        }
        return rows.stream().map(row -> Objects.requireNonNull(known.get(row))).toList();
    }
}
