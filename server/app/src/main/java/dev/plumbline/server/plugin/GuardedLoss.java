package dev.plumbline.server.plugin;

import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.spi.Expression;
import dev.plumbline.spi.OptionSpec;
import dev.plumbline.spi.Options;
import dev.plumbline.spi.PreferenceLoss;
import dev.plumbline.spi.PreferenceRow;
import java.util.List;

/** A plugin's loss, which holds its plugin while it is asked for its expression. */
record GuardedLoss(LoadedPlugin plugin, Offer offer) implements PreferenceLoss {
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
    public Expression loss(PreferenceRow row, Options options) {
        Guard guard = plugin.use(offer, Cancellation.none());
        try {
            Expression loss =
                    guard.call(
                            "loss",
                            () -> plugin.instance(offer, PreferenceLoss.class).loss(row, options));
            if (loss == null) {
                throw plugin.failure(offer, "LOSS_FAILED", "gave null instead of an expression");
            }
            return loss;
        } finally {
            plugin.end(guard);
        }
    }
}
