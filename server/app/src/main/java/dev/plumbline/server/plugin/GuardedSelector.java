package dev.plumbline.server.plugin;

import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.spi.Choice;
import dev.plumbline.spi.Chooser;
import dev.plumbline.spi.NegativeSelector;
import dev.plumbline.spi.OptionSpec;
import dev.plumbline.spi.Options;
import dev.plumbline.spi.Selection;
import dev.plumbline.spi.Workshop;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A plugin's selector, which holds its plugin while a chooser is open.
 *
 * @param cancellation by whoever wants what it chooses
 */
record GuardedSelector(LoadedPlugin plugin, Offer offer, Cancellation cancellation)
        implements NegativeSelector {
    @Override
    public String name() {
        return offer.name();
    }

    /** As they were declared when the plugin was loaded. */
    @Override
    public List<OptionSpec> options() {
        return offer.options();
    }

    @Override
    public Chooser open(Workshop workshop, Options options) {
        Guard guard = plugin.use(offer, cancellation);
        try {
            var watched = new WatchedWorkshop(workshop, guard::alive);
            Chooser chooser =
                    guard.call(
                            "open",
                            () ->
                                    plugin.instance(offer, NegativeSelector.class)
                                            .open(watched, options));
            if (chooser == null) {
                throw plugin.failure(offer, "SELECTOR_FAILED", "gave null instead of a chooser");
            }
            return new GuardedChooser(plugin, guard, chooser, new AtomicBoolean());
        } catch (RuntimeException | Error e) {
            plugin.end(guard);
            throw e;
        }
    }

    private record GuardedChooser(
            LoadedPlugin plugin, Guard guard, Chooser chooser, AtomicBoolean closed)
            implements Chooser {
        @Override
        public Choice choose(Selection selection) {
            return guard.call("choose", () -> chooser.choose(selection));
        }

        @Override
        public void close() {
            if (closed.getAndSet(true)) {
                return;
            }
            try {
                if (!guard.isDead()) {
                    guard.call(
                            "close",
                            () -> {
                                chooser.close();
                                return "";
                            });
                }
            } finally {
                plugin.end(guard);
            }
        }
    }
}
