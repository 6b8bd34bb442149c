package dev.plumbline.server.service;

import dev.plumbline.engine.model.ClipModel;
import dev.plumbline.engine.select.ClipEmbedder;
import dev.plumbline.engine.select.Embedder;
import java.nio.file.Path;

/**
 * A CLIP model under a name.
 *
 * @param name resource name
 */
public record ServedClip(String name, ClipModel model) implements Hosted {
    /** What selectors and pools embed with. */
    Embedder embedder() {
        return new ClipEmbedder(model);
    }

    @Override
    public String digest() {
        return model.digest();
    }

    @Override
    public Path folder() {
        return model.folder();
    }

    @Override
    public ServedClip named(String other) {
        return new ServedClip(other, model);
    }

    @Override
    public void unload() {
        model.close();
    }
}
