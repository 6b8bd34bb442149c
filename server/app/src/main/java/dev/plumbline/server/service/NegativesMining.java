package dev.plumbline.server.service;

import dev.plumbline.engine.data.PreferenceExample;
import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.expr.DeclaredOptions;
import dev.plumbline.engine.select.ImagePool;
import dev.plumbline.engine.select.Miner;
import dev.plumbline.server.plugin.Plugged;
import dev.plumbline.server.plugin.PluginHost;
import dev.plumbline.server.store.NegativesChoice;
import dev.plumbline.spi.NegativeSelector;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Gives negatives to the rows that have none. */
final class NegativesMining {
    private final PluginHost plugins;

    NegativesMining(PluginHost plugins) {
        this.plugins = plugins;
    }

    /** The rows in their order; those that had negatives keep them. */
    List<PreferenceExample> fill(List<PreferenceExample> rows, NegativesChoice choice, long seed) {
        if (!choice.wanted()) {
            return rows;
        }
        Plugged<NegativeSelector> selector = selector(choice);
        ImagePool pool = pool(Paths.of(choice.pool(), "spec.pool"));
        List<PreferenceExample> bare = rows.stream().filter(r -> r.negatives().isEmpty()).toList();
        if (bare.isEmpty()) {
            return rows;
        }
        Iterator<PreferenceExample> mined =
                Miner.mine(
                                bare,
                                pool,
                                selector.extension(),
                                selector.version(),
                                choice.options(),
                                choice.k(),
                                seed)
                        .iterator();
        var filled = new ArrayList<PreferenceExample>();
        for (PreferenceExample row : rows) {
            filled.add(row.negatives().isEmpty() ? mined.next() : row);
        }
        return filled;
    }

    private Plugged<NegativeSelector> selector(NegativesChoice choice) {
        Plugged<NegativeSelector> selector =
                plugins.selector(choice.selector())
                        .orElseThrow(() ->
                                ResourceNames.notFound(
                                        "selector",
                                        choice.selector(),
                                        "spec.selector",
                                        plugins.selectors().stream().map(Plugged::name).toList()));
        try {
            DeclaredOptions.of(selector.name(), selector.extension().options(), choice.options());
            return selector;
        } catch (PlumblineException e) {
            throw Failures.withField(e, "spec.selector_options");
        }
    }

    private static ImagePool pool(Path folder) {
        try {
            return ImagePool.folder(folder);
        } catch (PlumblineException e) {
            throw Failures.withField(e, "spec.pool");
        }
    }
}
