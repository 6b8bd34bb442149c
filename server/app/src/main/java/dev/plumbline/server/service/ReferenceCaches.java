package dev.plumbline.server.service;

import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.score.ReferenceFolder;
import dev.plumbline.engine.score.ReferenceStore;
import dev.plumbline.server.config.Folders;
import dev.plumbline.server.config.PlumblineConfig;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Log-probabilities without adapters, one store a model, for scoring and for training. */
@Singleton
public final class ReferenceCaches {
    private static final Logger LOG = Logger.getLogger(ReferenceCaches.class);

    private final Path root;
    private final long mostBytes;
    private final Map<Path, ReferenceStore> stores = new HashMap<>();

    public ReferenceCaches(Folders folders, PlumblineConfig config) {
        this.root = folders.references();
        this.mostBytes = config.cache().referenceBytes();
    }

    /** Empty where none is wanted. */
    synchronized Optional<ReferenceStore> of(LoadedModel model) {
        if (mostBytes == 0) {
            return Optional.empty();
        }
        return Optional.of(
                stores.computeIfAbsent(
                        ReferenceFolder.of(root, model),
                        folder -> ReferenceStore.open(folder, mostBytes, LOG::warn)));
    }

    synchronized void close() {
        stores.values().forEach(ReferenceStore::close);
        stores.clear();
    }
}
