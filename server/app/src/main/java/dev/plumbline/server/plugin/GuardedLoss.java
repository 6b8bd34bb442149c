package dev.plumbline.server.plugin;

import dev.plumbline.spi.Expression;
import dev.plumbline.spi.OptionSpec;
import dev.plumbline.spi.Options;
import dev.plumbline.spi.PreferenceLoss;
import dev.plumbline.spi.PreferenceRow;
import java.util.List;

/** A plugin's loss, which holds its plugin while it is asked for its expression. */
record GuardedLoss(LoadedPlugin plugin, LoadedPlugin.Extension extension)
        implements PreferenceLoss {
    @Override
    public String name() {
        return extension.offer().name();
    }

    /** As they were declared when the plugin was loaded. */
    @Override
    public List<OptionSpec> options() {
        return extension.offer().options();
    }

    @Override
    public Expression loss(PreferenceRow row, Options options) {
        Guard guard = plugin.use(extension.offer());
        try {
            Expression loss =
                    guard.call(
                            "loss",
                            () ->
                                    plugin.instance(extension, PreferenceLoss.class)
                                            .loss(row, options));
            if (loss == null) {
                throw plugin.failure(
                        extension.offer(), "LOSS_FAILED", "gave null instead of an expression");
            }
            return loss;
        } finally {
            plugin.end(guard);
        }
    }
}
