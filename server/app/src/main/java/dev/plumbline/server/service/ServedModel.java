package dev.plumbline.server.service;

import dev.plumbline.engine.generate.Generator;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.score.Scorer;
import java.nio.file.Path;

/**
 * A model under a name, and what runs on it. Several names may share one model.
 *
 * @param name resource name
 */
public record ServedModel(String name, LoadedModel model, Generator generator, Scorer scorer)
        implements Hosted {
    @Override
    public String digest() {
        return model.digest();
    }

    @Override
    public Path folder() {
        return model.folder();
    }

    @Override
    public ServedModel named(String other) {
        return new ServedModel(other, model, generator, scorer);
    }

    @Override
    public void unload() {
        model.close();
    }
}
