package dev.plumbline.engine.score;

import dev.plumbline.engine.model.AnswerGraph;
import dev.plumbline.engine.model.KlGraphs;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.LoraTensors;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Results;
import dev.plumbline.engine.runtime.Session;
import dev.plumbline.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Log-probabilities of answers, and at each of their tokens the KL from the model without an
 * adapter, which is run beside it: probabilities of a whole vocabulary are too large to be kept.
 */
public final class KlScorer {
    private final LoadedModel model;

    public KlScorer(LoadedModel model) {
        this.model = model;
    }

    /** What the model without an adapter makes of a batch, [answer tokens, hidden]. */
    public Tensor reference(AnswerBatch batch, Cancellation cancellation) {
        Session session =
                model.sessions().session("reference", Set.of(), () -> KlGraphs.reference(model));
        try (Results results =
                session.run(batch.inputs(), List.of(KlGraphs.HIDDEN), cancellation)) {
            Tensor hidden = results.get(KlGraphs.HIDDEN);
            return Tensor.of(hidden.shape(), hidden.toFloats());
        }
    }

    /** Of each sequence's answer tokens. */
    public List<TokenScores> score(
            List<AnswerSequence> sequences, LoraTensors lora, Cancellation cancellation) {
        Session session = session(lora);
        List<TokenScores> all = new ArrayList<>();
        for (List<AnswerSequence> part : AnswerBatch.split(sequences)) {
            AnswerBatch batch = AnswerBatch.of(part, model.facts().hiddenSize(), model.rotary());
            Map<String, Tensor> inputs = new HashMap<>(batch.inputs());
            inputs.putAll(lora.inputs());
            inputs.putAll(DropoutInputs.of(part, lora));
            inputs.put(AnswerGraph.REFERENCE_HIDDEN, reference(batch, cancellation));
            List<String> outputs = List.of(KlGraphs.LOGPS, KlGraphs.KL);
            try (Results results = session.run(inputs, outputs, cancellation)) {
                List<List<Double>> logps = batch.byAnswer(results.get(KlGraphs.LOGPS));
                List<List<Double>> kl = batch.byAnswer(results.get(KlGraphs.KL));
                for (int i = 0; i < logps.size(); i++) {
                    all.add(new TokenScores(logps.get(i), kl.get(i)));
                }
            }
        }
        return all;
    }

    private Session session(LoraTensors lora) {
        boolean dropout = lora.dropout().isPresent();
        return model.sessions()
                .session(
                        dropout ? "kl, dropout" : "kl",
                        lora.modules(),
                        () -> KlGraphs.policy(model, lora.modules(), dropout));
    }
}
