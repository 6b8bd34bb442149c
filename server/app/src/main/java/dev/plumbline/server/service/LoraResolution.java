package dev.plumbline.server.service;

import dev.plumbline.engine.checkpoint.LoraConfig;
import dev.plumbline.engine.checkpoint.ModuleChoice;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.model.LoadedModel;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.engine.train.LoraSettings;
import dev.plumbline.engine.train.LoraShape;
import dev.plumbline.server.store.LoraChoice;
import dev.plumbline.server.store.LoraVariant;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Rank, alpha and targets: those of the adapter to start from, else the client's, else ours. */
final class LoraResolution {
    private LoraResolution() {}

    static LoraSettings resolve(LoraChoice choice, LoadedModel model) {
        return choice.initAdapter().isEmpty() ? fresh(choice) : continued(choice, model);
    }

    private static LoraSettings fresh(LoraChoice choice) {
        LoraVariant variant = choice.orPlain();
        Integer rank = choice.rank();
        Double alpha = choice.alpha();
        Boolean rankStabilized = variant.rankStabilized();
        return new LoraSettings(
                Optional.empty(),
                new LoraShape(
                        rank == null ? LoraChoice.DEFAULT_RANK : rank,
                        alpha == null ? LoraChoice.DEFAULT_ALPHA : alpha,
                        rankStabilized != null && rankStabilized,
                        variant.rankPattern(),
                        variant.alphaPattern()),
                new ModuleChoice(choice.targets(), variant.targetPattern()),
                new ModuleChoice(variant.excludeModules(), variant.excludePattern()),
                dropout(variant, 0));
    }

    private static LoraSettings continued(LoraChoice choice, LoadedModel model) {
        Integer rank = choice.rank();
        Double alpha = choice.alpha();
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
        LoraConfig config = init.peft().config();
        requireSame(choice.orPlain(), config);
        return new LoraSettings(
                Optional.of(folder),
                new LoraShape(
                        init.rank(), init.alpha(), config.rankStabilized(), Map.of(), Map.of()),
                ModuleChoice.of(targets),
                ModuleChoice.NONE,
                dropout(choice.orPlain(), config.dropout()));
    }

    private static double dropout(LoraVariant variant, double otherwise) {
        Double dropout = variant.dropout();
        return dropout == null ? otherwise : dropout;
    }

    /** What only a fresh adapter can be told. */
    private static void requireSame(LoraVariant variant, LoraConfig config) {
        Boolean rankStabilized = variant.rankStabilized();
        if (rankStabilized != null && rankStabilized != config.rankStabilized()) {
            throw differs("spec.use_rslora", rankStabilized, config.rankStabilized());
        }
        Map<String, Boolean> given =
                Map.of(
                        "spec.target_pattern", !variant.targetPattern().isEmpty(),
                        "spec.exclude_modules", !variant.excludeModules().isEmpty(),
                        "spec.exclude_pattern", !variant.excludePattern().isEmpty(),
                        "spec.rank_pattern", !variant.rankPattern().isEmpty(),
                        "spec.alpha_pattern", !variant.alphaPattern().isEmpty());
        given.forEach((field, present) -> {
            if (present) {
                throw differs(field, "given", "its own");
            }
        });
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
