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
    private final ServingSettings settings;

    SharedModels(ServingSettings settings) {
        this.settings = settings;
    }

    /** The model of this digest for one more name, loaded if it is not there. */
    synchronized ServedModel take(String digest, Supplier<LoadedModel> load) {
        Shared shared = models.get(digest);
        if (shared == null) {
            LoadedModel model = load.get();
            Generator generator = new Generator(model, settings.limits(model.facts()));
            shared = new Shared(new ServedModel("", model, generator, new Scorer(model)));
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
