package dev.plumbline.server.service;

import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.expr.DeclaredOptions;
import dev.plumbline.engine.select.CandidatePool;
import dev.plumbline.engine.select.Guard;
import dev.plumbline.engine.select.Miner;
import dev.plumbline.engine.select.MiningListener;
import dev.plumbline.engine.select.MiningSetup;
import dev.plumbline.engine.select.NoCompute;
import dev.plumbline.server.plugin.Plugged;
import dev.plumbline.server.plugin.PluginUse;
import dev.plumbline.server.store.NegativesChoice;
import dev.plumbline.spi.NegativeSelector;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Gives negatives to the rows that have none. */
final class NegativesMining {
    private final NegativesChoice choice;
    private final Optional<Plugged<NegativeSelector>> selector;

    /** Looks the selector up and checks its options; nothing is read yet. */
    NegativesMining(PluginUse plugins, NegativesChoice choice) {
        this.choice = choice;
        this.selector = choice.wanted() ? Optional.of(selector(plugins, choice)) : Optional.empty();
    }

    /** The rows in their order; those that had negatives keep them. */
    List<PreferenceExample> fill(List<PreferenceExample> rows, long seed) {
        if (selector.isEmpty()) {
            return rows;
        }
        Plugged<NegativeSelector> plugged = selector.get();
        CandidatePool pool = pool(Paths.of(choice.pool(), "spec.pool"));
        var setup =
                new MiningSetup(
                        new MiningSetup.Strategy(
                                plugged.extension(), plugged.version(), choice.options()),
                        new MiningSetup.Source(pool, Optional.empty(), new NoCompute()),
                        choice.k(),
                        Guard.DEFAULT,
                        new MiningSetup.Folders(Path.of(""), Path.of("")),
                        MiningListener.NONE);
        try (Miner miner = Miner.open(setup, rows, seed)) {
            return miner.mineAll();
        } catch (PlumblineException e) {
            throw Failures.at(e, "POOL_TOO_SMALL".equals(e.reason()) ? "spec.k" : "spec.selector");
        }
    }

    private static Plugged<NegativeSelector> selector(PluginUse plugins, NegativesChoice choice) {
        String name = choice.selector();
        Optional<Plugged<NegativeSelector>> found = plugins.selector(name);
        if (found.isEmpty()) {
            throw ResourceNames.notFound("selector", name, "spec.selector", plugins.selectors());
        }
        try {
            DeclaredOptions.of(name, found.get().extension().options(), choice.options());
            return found.get();
        } catch (PlumblineException e) {
            throw Failures.at(e, "spec.selector_options");
        }
    }

    private static CandidatePool pool(Path folder) {
        try {
            return CandidatePool.images(folder);
        } catch (PlumblineException e) {
            throw Failures.at(e, "spec.pool");
        }
    }
}
