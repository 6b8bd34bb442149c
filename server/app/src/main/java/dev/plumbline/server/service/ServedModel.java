package dev.plumbline.server.service;

import dev.plumbline.engine.generate.Generator;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.score.Scorer;

/**
 * A model under a name, and what runs on it. Several names may share one model.
 *
 * @param name resource name
 */
public record ServedModel(String name, LoadedModel model, Generator generator, Scorer scorer) {
    /** The same model under another name. */
    ServedModel named(String other) {
        return new ServedModel(other, model, generator, scorer);
    }
}
