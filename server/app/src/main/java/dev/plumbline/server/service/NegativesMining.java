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
import java.util.Optional;

/** Gives negatives to the rows that have none. */
final class NegativesMining {
    private final NegativesChoice choice;
    private final Optional<Plugged<NegativeSelector>> selector;

    /** Looks the selector up and checks its options; nothing is read yet. */
    NegativesMining(PluginHost plugins, NegativesChoice choice) {
        this.choice = choice;
        this.selector = choice.wanted() ? Optional.of(selector(plugins, choice)) : Optional.empty();
    }

    /** The rows in their order; those that had negatives keep them. */
    List<PreferenceExample> fill(List<PreferenceExample> rows, long seed) {
        List<PreferenceExample> bare = rows.stream().filter(r -> r.negatives().isEmpty()).toList();
        if (selector.isEmpty() || bare.isEmpty()) {
            return rows;
        }
        Iterator<PreferenceExample> mined = mine(bare, selector.get(), seed).iterator();
        var filled = new ArrayList<PreferenceExample>();
        for (PreferenceExample row : rows) {
            filled.add(row.negatives().isEmpty() ? mined.next() : row);
        }
        return filled;
    }

    private List<PreferenceExample> mine(
            List<PreferenceExample> rows, Plugged<NegativeSelector> plugged, long seed) {
        return Miner.mine(
                rows,
                pool(Paths.of(choice.pool(), "spec.pool")),
                plugged.extension(),
                plugged.version(),
                choice.options(),
                choice.k(),
                seed);
    }

    private static Plugged<NegativeSelector> selector(PluginHost plugins, NegativesChoice choice) {
        String name = choice.selector();
        Optional<Plugged<NegativeSelector>> found = plugins.selector(name);
        if (found.isEmpty()) {
            List<String> names = plugins.selectors().stream().map(Plugged::name).toList();
            throw ResourceNames.notFound("selector", name, "spec.selector", names);
        }
        try {
            DeclaredOptions.of(name, found.get().extension().options(), choice.options());
            return found.get();
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
