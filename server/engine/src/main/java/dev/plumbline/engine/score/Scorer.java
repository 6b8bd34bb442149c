package dev.plumbline.engine.score;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.model.EncodedAnswer;
import dev.plumbline.engine.model.FiniteLogps;
import dev.plumbline.engine.model.ImageFeatures;
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
    private final ReferenceScorer reference;

    public Scorer(LoadedModel model) {
        this(model, Optional.empty());
    }

    /**
     * @param store of log-probabilities without an adapter, which are looked up there and kept
     */
    public Scorer(LoadedModel model, Optional<ReferenceStore> store) {
        this.model = model;
        this.reference = new ReferenceScorer(this, store);
    }

    /**
     * log p(answer | prompt, picture) for each of several pictures; of the answer without a picture
     * where there are none. Without an adapter these are the very numbers that training takes as
     * its reference.
     *
     * @return in the order of the pictures
     */
    public List<AnswerScore> score(
            String prompt,
            String answer,
            List<Picture> pictures,
            Optional<LoraAdapter> adapter,
            Cancellation cancellation) {
        List<Pictured> wanted = pictured(prompt, answer, pictures);
        List<List<Double>> all =
                adapter.map(a -> adapted(wanted, a.tensors(), cancellation))
                        .orElseGet(() -> plain(wanted, cancellation));
        all.forEach(logps -> logps.forEach(FiniteLogps::require));
        List<AnswerScore> scores = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            scores.add(new AnswerScore(wanted.get(i).answer().answerIds(), all.get(i)));
        }
        return scores;
    }

    /** An answer on at most one picture, whose features may not be wanted. */
    private record Pictured(EncodedAnswer answer, List<Picture> pictures) {
        List<String> digests() {
            return pictures.stream().map(ImageFeatures::digest).toList();
        }
    }

    private List<Pictured> pictured(String prompt, String answer, List<Picture> pictures) {
        if (pictures.isEmpty()) {
            return List.of(new Pictured(encode(prompt, answer, List.of()), List.of()));
        }
        List<Pictured> all = new ArrayList<>();
        for (Picture picture : pictures) {
            List<PictureGrid> grid = List.of(model.features().grid(picture));
            all.add(new Pictured(encode(prompt, answer, grid), List.of(picture)));
        }
        return all;
    }

    private List<List<Double>> adapted(
            List<Pictured> wanted, LoraTensors lora, Cancellation cancellation) {
        List<AnswerSequence> sequences = new ArrayList<>();
        for (Pictured one : wanted) {
            sequences.add(new AnswerSequence(one.answer(), features(one, cancellation)));
        }
        return tokenLogps(sequences, lora, cancellation);
    }

    /** What is known takes no pass, not even one of the picture. */
    private List<List<Double>> plain(List<Pictured> wanted, Cancellation cancellation) {
        List<List<Double>> all = new ArrayList<>();
        for (Pictured one : wanted) {
            cancellation.check();
            List<String> digests = one.digests();
            all.add(
                    reference
                            .known(one.answer(), digests)
                            .orElseGet(() ->
                                    reference.compute(
                                            new AnswerSequence(
                                                    one.answer(),
                                                    features(one, cancellation),
                                                    digests),
                                            cancellation)));
        }
        return all;
    }

    private List<Tensor> features(Pictured one, Cancellation cancellation) {
        return one.pictures().stream()
                .map(picture -> model.features().of(picture, cancellation))
                .toList();
    }

    /** Where log-probabilities without an adapter are kept. */
    public Optional<ReferenceStore> store() {
        return reference.store();
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
            inputs.putAll(DropoutInputs.of(part, lora));
            try (Results results =
                    model.sessions().answers(lora).run(inputs, List.of(OUTPUT), cancellation)) {
                all.addAll(cut(results.get(OUTPUT).toFloats(), batch.answerLengths()));
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

    private static List<List<Double>> cut(float[] values, List<Integer> lengths) {
        List<List<Double>> parts = new ArrayList<>();
        int at = 0;
        for (int length : lengths) {
            List<Double> part = new ArrayList<>();
            for (int i = 0; i < length; i++) {
                part.add((double) values[at++]);
            }
            parts.add(part);
        }
        return parts;
    }
}
