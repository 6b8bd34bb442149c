package dev.plumbline.server.service;

import dev.plumbline.engine.model.ClipModel;
import java.nio.file.Path;

/**
 * A CLIP model under a name.
 *
 * @param name resource name
 */
public record ServedClip(String name, ClipModel model) implements Hosted {
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
