package dev.plumbline.server.service;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.train.LoraSettings;
import dev.plumbline.server.store.LoraChoice;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** Rank, alpha and targets: those of the adapter to start from, else the client's, else ours. */
final class LoraResolution {
    private LoraResolution() {}

    static LoraSettings resolve(LoraChoice choice, LoadedModel model) {
        Integer rank = choice.rank();
        Double alpha = choice.alpha();
        if (choice.initAdapter().isEmpty()) {
            return new LoraSettings(
                    Optional.empty(),
                    rank == null ? LoraChoice.DEFAULT_RANK : rank,
                    alpha == null ? LoraChoice.DEFAULT_ALPHA : alpha,
                    choice.targets());
        }
        Path folder = Paths.of(choice.initAdapter(), "spec.init_adapter");
        LoraAdapter init = read(model, folder);
        if (rank != null && rank != init.rank()) {
            throw differs("spec.rank", rank, init.rank());
        }
        if (alpha != null && alpha != init.alpha()) {
            throw differs("spec.alpha", alpha, init.alpha());
        }
        List<String> targets = init.targets();
        if (!choice.targets().isEmpty()
                && !new HashSet<>(choice.targets()).equals(new HashSet<>(targets))) {
            throw differs("spec.targets", choice.targets(), targets);
        }
        return new LoraSettings(Optional.of(folder), init.rank(), init.alpha(), targets);
    }

    private static LoraAdapter read(LoadedModel model, Path folder) {
        try {
            return LoraAdapter.read(model, folder);
        } catch (PlumblineException e) {
            throw Failures.at(e, "spec.init_adapter");
        }
    }

    private static PlumblineException differs(String field, Object given, Object held) {
        return PlumblineException.invalid(
                field,
                "INIT_ADAPTER_DIFFERS",
                "%s is %s, but the adapter to start from has %s: leave the field out"
                        .formatted(field, given, held));
    }
}
