package dev.plumbline.server.service;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Loaded models by digest, each closed when its last name is gone. */
final class SharedModels {
    private final Map<String, Shared> models = new HashMap<>();

    /** The model of this digest for one more name, loaded if it is not there. */
    synchronized Hosted take(String digest, Supplier<Hosted> load) {
        Shared shared = models.get(digest);
        if (shared == null) {
            shared = new Shared(load.get());
            models.put(digest, shared);
        }
        shared.names++;
        return shared.hosted;
    }

    synchronized void giveBack(String digest) {
        Shared shared = models.get(digest);
        if (shared != null && --shared.names == 0) {
            models.remove(digest);
            shared.hosted.unload();
        }
    }

    synchronized void close() {
        models.values().forEach(s -> s.hosted.unload());
        models.clear();
    }

    private static final class Shared {
        private final Hosted hosted;
        private int names;

        Shared(Hosted hosted) {
            this.hosted = hosted;
        }
    }
}
