package dev.plumbline.server.service;

import dev.plumbline.engine.checkpoint.PeftAdapter;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.model.AdapterMatch;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.score.AdapterEffect;
import dev.plumbline.engine.score.AdapterProbe;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Reads adapters and finds out what they do. */
@Singleton
public final class AdapterProofs {
    private static final int MOST_ROWS = 64;

    private final Pictures pictures;
    private final Object measuring = new Object();

    public AdapterProofs(Pictures pictures) {
        this.pictures = pictures;
    }

    /** An adapter beside a model, not yet measured. */
    record Candidate(PeftAdapter peft, AdapterMatch match) {}

    /**
     * Reads a PEFT folder.
     *
     * @param field of the request that named it
     */
    Candidate read(ServedModel model, Path folder, String field) {
        try {
            PeftAdapter peft = PeftAdapter.read(folder);
            return new Candidate(peft, AdapterMatch.of(model.model(), peft, folder));
        } catch (PlumblineException e) {
            throw Failures.at(e, field);
        }
    }

    /**
     * The candidate as the model's graphs take it.
     *
     * @throws PlumblineException naming tensors and layers that do not match
     */
    LoraAdapter fitted(ServedModel model, Candidate candidate, Path folder, String field) {
        try {
            candidate.match().requireComplete(model.model(), folder);
            return LoraAdapter.of(model.model(), candidate.peft(), folder);
        } catch (PlumblineException e) {
            throw Failures.at(e, field);
        }
    }

    /** Scores the probe with and without the adapter; one at a time, it takes all cores. */
    AdapterEffect effect(
            ServedModel model,
            LoraAdapter adapter,
            List<ProbeQuestion> questions,
            Cancellation cancellation) {
        AdapterProbe probe =
                questions.isEmpty()
                        ? AdapterProbe.builtIn().fitting(model.scorer())
                        : probe(model, questions);
        synchronized (measuring) {
            cancellation.check();
            return probe.measure(model.scorer(), adapter, cancellation);
        }
    }

    private AdapterProbe probe(ServedModel model, List<ProbeQuestion> questions) {
        if (questions.size() > MOST_ROWS) {
            throw PlumblineException.invalid(
                    "probe",
                    "PROBE_TOO_LARGE",
                    "probe has %d rows, at most %d are taken"
                            .formatted(questions.size(), MOST_ROWS),
                    Map.of("maximum", Integer.toString(MOST_ROWS)));
        }
        AdapterProbe probe = new AdapterProbe(questions.stream().map(q -> row(model, q)).toList());
        for (int i = 0; i < questions.size(); i++) {
            AdapterProbe.Row row = probe.rows().get(i);
            try {
                model.scorer().tokenize(row.prompt(), row.answer(), row.pictures());
            } catch (PlumblineException e) {
                throw Failures.at(e, questions.get(i).field());
            }
        }
        return probe;
    }

    private AdapterProbe.Row row(ServedModel model, ProbeQuestion question) {
        List<Picture> decoded =
                question.image().stream()
                        .map(image -> pictures.decode(image, model.model()))
                        .toList();
        return new AdapterProbe.Row(question.prompt(), question.answer(), decoded);
    }

    /**
     * Refuses an adapter that does nothing.
     *
     * @throws PlumblineException {@code ADAPTER_CHANGES_NOTHING}
     */
    static void requireEffect(AdapterProof proof, AdapterEffect effect, Path folder) {
        if (proof.isEffective()) {
            return;
        }
        String why =
                proof.match().silent()
                        ? "its tensors are all zero where they meet the model"
                        : "mean |delta log p| is %.1e over %d tokens of %d answers"
                                .formatted(effect.mean(), effect.tokens(), effect.rows());
        throw new PlumblineException(
                ErrorCode.FAILED_PRECONDITION,
                "ADAPTER_CHANGES_NOTHING",
                "the adapter in %s changes nothing: %s. Train it further, look at what was saved, or set allow_no_effect"
                        .formatted(folder, why),
                Map.of(
                        "path", folder.toString(),
                        "matched", Integer.toString(proof.match().matched().size()),
                        "mean", Double.toString(effect.mean()),
                        "max", Double.toString(effect.max()),
                        "probe_tokens", Integer.toString(effect.tokens())));
    }
}
