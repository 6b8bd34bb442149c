package dev.plumbline.engine.train;

import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.score.ReferenceScorer;
import java.util.Optional;

/** Steps that keep the reference's log-probabilities in memory and tell nobody how far they are. */
final class TrainingSteps {
    private TrainingSteps() {}

    static TrainingStep of(
            LoadedModel model,
            LossTerms losses,
            LoraParameters parameters,
            int microBatch,
            boolean checkpointed) {
        return new TrainingStep(
                model,
                losses,
                parameters,
                microBatch,
                checkpointed,
                new ReferenceLogps(new ReferenceScorer(model, Optional.empty())),
                (done, total) -> {});
    }
}
