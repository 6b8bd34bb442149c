package dev.plumbline.engine.score;

import dev.plumbline.engine.model.EncodedAnswer;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.LoraTensors;
import dev.plumbline.engine.runtime.Cancellation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Log-probabilities of answers under the model without adapters, computed once. Each sequence is
 * computed alone: in a batch, its last bits would depend on its neighbors, and what is kept would
 * depend on who asked first. So a value that was kept is the one that would be computed, to the
 * bit. May be called from several threads at once.
 */
public final class ReferenceScorer {
    private final Scorer scorer;
    private final Optional<ReferenceStore> store;
    private final AtomicLong passes = new AtomicLong();
    private final AtomicLong hits = new AtomicLong();

    /**
     * @param store empty to compute everything
     */
    public ReferenceScorer(LoadedModel model, Optional<ReferenceStore> store) {
        this(new Scorer(model), store);
    }

    ReferenceScorer(Scorer scorer, Optional<ReferenceStore> store) {
        this.scorer = scorer;
        this.store = store;
    }

    /** Of each sequence's answer tokens. */
    public List<List<Double>> tokenLogps(
            List<AnswerSequence> sequences, Cancellation cancellation) {
        List<List<Double>> all = new ArrayList<>();
        for (AnswerSequence sequence : sequences) {
            Optional<List<Double>> known =
                    sequence.isIdentified()
                            ? known(sequence.answer(), sequence.pictures())
                            : Optional.empty();
            all.add(known.orElseGet(() -> compute(sequence, cancellation)));
        }
        return all;
    }

    /**
     * What is kept of a sequence's answer tokens.
     *
     * @param pictures digests of their pixels
     */
    Optional<List<Double>> known(EncodedAnswer answer, List<String> pictures) {
        Optional<float[]> values = store.flatMap(s -> s.find(ReferenceKey.of(answer, pictures)));
        Optional<float[]> whole = values.filter(v -> v.length == answer.answerLength());
        whole.ifPresent(v -> hits.incrementAndGet());
        return whole.map(ReferenceScorer::doubles);
    }

    /** Runs the graph, and keeps what it gives. */
    List<Double> compute(AnswerSequence sequence, Cancellation cancellation) {
        List<Double> logps =
                scorer.tokenLogps(List.of(sequence), LoraTensors.NONE, cancellation).getFirst();
        passes.incrementAndGet();
        if (sequence.isIdentified() && logps.stream().allMatch(Double::isFinite)) {
            ReferenceKey key = ReferenceKey.of(sequence.answer(), sequence.pictures());
            store.ifPresent(s -> s.keep(key, floats(logps)));
        }
        return logps;
    }

    Optional<ReferenceStore> store() {
        return store;
    }

    /** Whether values are kept, so that asking again costs nothing. */
    public boolean keeps() {
        return store.isPresent();
    }

    /** How many sequences the graph ran for. */
    public long passes() {
        return passes.get();
    }

    /** How many sequences were known. */
    public long hits() {
        return hits.get();
    }

    /** The graph's output is in floats: nothing is lost. */
    private static float[] floats(List<Double> logps) {
        float[] values = new float[logps.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = logps.get(i).floatValue();
        }
        return values;
    }

    private static List<Double> doubles(float[] values) {
        List<Double> logps = new ArrayList<>(values.length);
        for (float value : values) {
            logps.add((double) value);
        }
        return logps;
    }
}
