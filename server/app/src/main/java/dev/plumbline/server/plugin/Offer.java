package dev.plumbline.server.plugin;

import dev.plumbline.spi.OptionSpec;
import java.util.List;

/**
 * A selector or a loss that a plugin offers, as it was when the plugin was loaded.
 *
 * @param name by which clients ask for it
 */
public record Offer(Kind kind, String name, List<OptionSpec> options) {
    public Offer {
        options = List.copyOf(options);
    }
}
