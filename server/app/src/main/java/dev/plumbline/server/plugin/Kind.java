package dev.plumbline.server.plugin;

import dev.plumbline.spi.NegativeSelector;
import dev.plumbline.spi.PreferenceLoss;
import java.util.Locale;
import org.pf4j.ExtensionPoint;

/** What a plugin can offer. */
public enum Kind {
    SELECTOR(NegativeSelector.class),
    LOSS(PreferenceLoss.class);

    private final Class<? extends ExtensionPoint> type;

    Kind(Class<? extends ExtensionPoint> type) {
        this.type = type;
    }

    Class<? extends ExtensionPoint> type() {
        return type;
    }

    /** For messages. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
