package dev.plumbline.server.service;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.score.AnswerScore;
import dev.plumbline.engine.score.Tokenization;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;

/** Log-probabilities of given answers, and the ids that stand for them. */
@Singleton
public final class ScoringUseCase {
    private final ModelRegistry models;
    private final AdapterRegistry adapters;
    private final Pictures pictures;

    public ScoringUseCase(ModelRegistry models, AdapterRegistry adapters, Pictures pictures) {
        this.models = models;
        this.adapters = adapters;
        this.pictures = pictures;
    }

    /**
     * A prompt and an answer to it.
     *
     * @param adapter empty for the model alone
     * @param images empty for an answer without a picture
     */
    public record Answer(
            String model, String adapter, String prompt, String answer, List<EncodedImage> images) {
        public Answer {
            images = List.copyOf(images);
            required("prompt", "PROMPT_EMPTY", prompt);
            required("answer", "ANSWER_EMPTY", answer);
        }

        private static void required(String field, String reason, String text) {
            if (text.isBlank()) {
                throw PlumblineException.invalid(field, reason, field + " must not be empty");
            }
        }
    }

    /** log p(answer | prompt, image), in nats, for each image in order. */
    public List<AnswerScore> score(Answer answer, Cancellation cancellation) {
        try (ModelLease lease = models.lease(answer.model(), "model")) {
            Optional<LoraAdapter> adapter = adapters.forCall(answer.adapter(), lease.served());
            List<Picture> decoded = pictures.decode(answer.images(), lease.served().model());
            cancellation.check();
            return lease.served()
                    .scorer()
                    .score(answer.prompt(), answer.answer(), decoded, adapter, cancellation);
        }
    }

    /** The ids that go into the model, image tokens expanded. */
    public Tokenization tokenize(Answer answer) {
        try (ModelLease lease = models.lease(answer.model(), "model")) {
            List<Picture> decoded = pictures.decode(answer.images(), lease.served().model());
            return lease.served().scorer().tokenize(answer.prompt(), answer.answer(), decoded);
        }
    }
}
