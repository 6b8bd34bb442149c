package dev.plumbline.server.service;

import dev.plumbline.engine.checkpoint.LoadProgress;
import dev.plumbline.engine.error.ErrorCode;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoadOptions;
import dev.plumbline.engine.tensor.Precision;
import dev.plumbline.server.store.ModelChoice;
import jakarta.inject.Singleton;
import java.util.function.Function;

/** Models for long work, which another process may have to find again. */
@Singleton
public final class KnownModels {
    private final ModelRegistry models;

    public KnownModels(ModelRegistry models) {
        this.models = models;
    }

    /** The model, with where it lies. */
    ModelChoice find(ModelChoice wanted, String field) {
        try (ModelLease lease = models.lease(wanted.name(), field)) {
            ServedModel served = lease.served();
            return new ModelChoice(
                    served.name(),
                    served.model().folder().toString(),
                    served.model().precision().text());
        }
    }

    /** The CLIP model, with where it lies. */
    ModelChoice findClip(ModelChoice wanted, String field) {
        try (ClipLease lease = models.leaseClip(wanted.name(), field)) {
            ServedClip served = lease.served();
            return new ModelChoice(served.name(), served.folder().toString(), "fp32");
        }
    }

    /** Holds a CLIP model for long work; it is loaded where this process has not got it. */
    ClipLease pinClip(ModelChoice clip, String field) {
        return pin(clip, name -> models.pinClip(name, field));
    }

    /** Holds a model for long work; it is loaded where this process has not got it. */
    ModelLease pin(ModelChoice model, String field) {
        return pin(model, name -> models.pin(name, field));
    }

    private <T> T pin(ModelChoice model, Function<String, T> pin) {
        try {
            return pin.apply(model.name());
        } catch (PlumblineException e) {
            if (e.code() != ErrorCode.NOT_FOUND || model.folder().isEmpty()) {
                throw e;
            }
            String id = model.name().substring(model.name().indexOf('/') + 1);
            Precision precision = Precision.parse(model.precision());
            var options = new LoadOptions(precision, 0, LoadProgress.NONE);
            return pin.apply(models.load(model.folder(), id, options).name());
        }
    }
}
