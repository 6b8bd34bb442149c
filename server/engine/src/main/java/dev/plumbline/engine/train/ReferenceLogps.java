package dev.plumbline.engine.train;

import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.score.AnswerSequence;
import dev.plumbline.engine.score.ReferenceScorer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Log-probabilities of answer tokens by the model without any adapter, computed once a row: kept by
 * the scorer's store, or in memory where it has none.
 */
final class ReferenceLogps {
    private final ReferenceScorer scorer;
    private final Map<Integer, List<List<Double>>> known = new HashMap<>();
    private long remembered;

    ReferenceLogps(ReferenceScorer scorer) {
        this.scorer = scorer;
    }

    /** Of each row, of each of its sequences, of each of its answer's tokens, in order. */
    List<List<List<Double>>> of(
            List<Integer> rows, List<List<AnswerSequence>> sequences, Cancellation cancellation) {
        List<List<List<Double>>> all = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            List<AnswerSequence> row = sequences.get(i);
            if (scorer.keeps()) {
                all.add(scorer.tokenLogps(row, cancellation));
                continue;
            }
            if (known.containsKey(rows.get(i))) {
                remembered += row.size();
            } else {
                known.put(rows.get(i), scorer.tokenLogps(row, cancellation));
            }
            all.add(Objects.requireNonNull(known.get(rows.get(i))));
        }
        return all;
    }

    /** Sequences that a pass was made for. */
    long passes() {
        return scorer.passes();
    }

    /** Sequences whose values were there already. */
    long hits() {
        return scorer.hits() + remembered;
    }
}
