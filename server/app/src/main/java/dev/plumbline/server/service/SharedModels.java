package dev.plumbline.server.service;

import dev.plumbline.engine.generate.Generator;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.score.Scorer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Loaded models by digest, each closed when its last name is gone. */
final class SharedModels {
    private final Map<String, Shared> models = new HashMap<>();

    /** The model of this digest for one more name, loaded if it is not there. */
    synchronized ServedModel take(String digest, Supplier<LoadedModel> load) {
        Shared shared = models.get(digest);
        if (shared == null) {
            LoadedModel model = load.get();
            shared =
                    new Shared(new ServedModel("", model, new Generator(model), new Scorer(model)));
            models.put(digest, shared);
        }
        shared.names++;
        return shared.served;
    }

    synchronized void giveBack(String digest) {
        Shared shared = models.get(digest);
        if (shared != null && --shared.names == 0) {
            models.remove(digest);
            shared.served.model().close();
        }
    }

    synchronized void close() {
        models.values().forEach(s -> s.served.model().close());
        models.clear();
    }

    private static final class Shared {
        private final ServedModel served;
        private int names;

        Shared(ServedModel served) {
            this.served = served;
        }
    }
}
