package dev.plumbline.engine.score;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.model.EncodedAnswer;
import dev.plumbline.engine.model.FiniteLogps;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.model.LoraTensors;
import dev.plumbline.engine.model.PictureGrid;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.runtime.Results;
import dev.plumbline.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Log-probabilities of answers. May be called from several threads at once. */
public final class Scorer {
    private static final String OUTPUT = "token_logps";

    private final LoadedModel model;

    public Scorer(LoadedModel model) {
        this.model = model;
    }

    /**
     * log p(answer | prompt, picture) for each of several pictures; of the answer without a picture
     * where there are none.
     *
     * @return in the order of the pictures
     */
    public List<AnswerScore> score(
            String prompt,
            String answer,
            List<Picture> pictures,
            Optional<LoraAdapter> adapter,
            Cancellation cancellation) {
        List<AnswerSequence> sequences = new ArrayList<>();
        for (Picture picture : pictures) {
            List<PictureGrid> grid = List.of(model.features().grid(picture));
            EncodedAnswer encoded = encode(prompt, answer, grid);
            Tensor features = model.features().of(picture, cancellation);
            sequences.add(new AnswerSequence(encoded, List.of(features)));
        }
        if (pictures.isEmpty()) {
            sequences.add(new AnswerSequence(encode(prompt, answer, List.of()), List.of()));
        }
        LoraTensors lora = adapter.map(LoraAdapter::tensors).orElse(LoraTensors.NONE);
        List<List<Double>> all = tokenLogps(sequences, lora, cancellation);
        all.forEach(logps -> logps.forEach(FiniteLogps::require));
        List<AnswerScore> scores = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            scores.add(new AnswerScore(sequences.get(i).answer().answerIds(), all.get(i)));
        }
        return scores;
    }

    /** The ids of a prompt with its pictures and an answer. */
    public Tokenization tokenize(String prompt, String answer, List<Picture> pictures) {
        List<PictureGrid> grids = pictures.stream().map(model.features()::grid).toList();
        EncodedAnswer encoded = encode(prompt, answer, grids);
        return new Tokenization(
                encoded.sequence().text(), encoded.sequence().ids(), encoded.answerStart());
    }

    /** Log-probabilities of each sequence's answer tokens. */
    public List<List<Double>> tokenLogps(
            List<AnswerSequence> sequences, LoraTensors lora, Cancellation cancellation) {
        List<List<Double>> all = new ArrayList<>();
        for (List<AnswerSequence> part : AnswerBatch.split(sequences)) {
            AnswerBatch batch = AnswerBatch.of(part, model.facts().hiddenSize(), model.rotary());
            Map<String, Tensor> inputs = new HashMap<>(batch.inputs());
            inputs.putAll(lora.inputs());
            try (Results results =
                    model.sessions()
                            .answers(lora.modules())
                            .run(inputs, List.of(OUTPUT), cancellation)) {
                all.addAll(batch.byAnswer(results.get(OUTPUT)));
            }
        }
        return all;
    }

    private EncodedAnswer encode(String prompt, String answer, List<PictureGrid> pictures) {
        if (prompt.isBlank()) {
            throw PlumblineException.invalid("prompt", "PROMPT_EMPTY", "the prompt is empty");
        }
        if (answer.isBlank()) {
            throw PlumblineException.invalid("answer", "ANSWER_EMPTY", "the answer is empty");
        }
        return model.prompts().encodeAnswer(prompt, answer, pictures);
    }
}
